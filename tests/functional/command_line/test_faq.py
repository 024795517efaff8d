"""`okaeri faq …`, `okaeri replies …`, `okaeri products …`: what a shop says, and what it has to offer."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from command_line import commands, faq_commands, product_commands
from command_line.failures import CommandFailure
from command_line.faq_files import read_faq
from command_line.products import import_products
from command_line.records import create_store
from command_line.stack import Stack
from okaeri.adapters.knowledge import DynamoKnowledge
from okaeri.adapters.queues import read_envelope
from okaeri.adapters.shelf import DynamoShelf
from okaeri.adapters.stores import DynamoStores
from okaeri.domain.evidence import Envelope, ProductSeen
from okaeri.domain.knowledge import QuickReply, ShopAnswer
from okaeri.domain.records import ShelfEntry
from okaeri.domain.shelf import make_entry
from okaeri.domain.stores import Contact, Platform, Store, StoreSettings
from tests.fakes import FakeClock

STORE = Store(
    store_id="aya",
    name="Aya",
    platform=Platform.SHOPIFY,
    domain="aya.myshopify.com",
    site_url="https://aya.example",
    locale="ja",
    contact=Contact(email="hi@aya.example"),
    settings=StoreSettings(languages=("ja", "en"), return_promise={"ja": "30日以内なら返品できます。"}),
)
Run = Callable[..., Result]


@pytest.fixture
def shop(stack: Stack) -> Stack:
    create_store(stack, STORE)
    return stack


@pytest.fixture
def run(shop: Stack, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs a command against the stack; CommandFailure comes out as it is."""
    for module in (faq_commands, product_commands):
        monkeypatch.setattr(module, "open_stack", lambda name: shop)

    def run_command(*arguments: str) -> Result:
        result = CliRunner().invoke(commands.app, list(arguments), env={"AWS_REGION": "us-east-1"})
        if isinstance(result.exception, CommandFailure):
            raise result.exception
        return result

    return run_command


def open_knowledge(stack: Stack) -> DynamoKnowledge:
    """With empty caches: as a function that starts now."""
    return DynamoKnowledge(stack.dynamodb, stack.table_name, DynamoStores(stack.dynamodb, stack.table_name))


def read_answers(stack: Stack) -> dict[tuple[str, str], ShopAnswer]:
    return {(answer.faq, answer.locale): answer for answer in open_knowledge(stack).read_answers("aya")}


def list_columns(output: str) -> dict[str, list[str]]:
    """The cells of each line of a table, by what stands first in it."""
    return {line.split()[0]: line.split() for line in output.splitlines() if line.strip()}


def write(folder: Path, name: str, text: str) -> str:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_a_question_is_answered_and_the_list_says_by_whom(run: Run, shop: Stack) -> None:
    run("faq", "set", "aya", "sizes", "-l", "en", "--answer", "Take your usual size.", "--phrase", "fit")
    output = run("faq", "list", "aya").output
    lines = list_columns(output)
    assert lines["sizes"][-2:] == ["—", "shop"]
    assert lines["return_deadline"][-2:] == ["ours", "—"]  # the promise is written in Japanese alone
    assert lines["password"][-2:] == ["ours", "ours"]
    assert lines["gift_wrap"][-2:] == ["—", "—"]
    assert "a person is offered" in output
    assert "Forgot my password" in run("faq", "list", "aya", "--language", "en").output
    assert open_knowledge(shop).get_answer("aya", "sizes", "en") == "Take your usual size."


def test_what_is_not_given_stays_as_it_was(run: Run, shop: Stack) -> None:
    run("faq", "set", "aya", "sizes", "-l", "en", "--answer", "Usual.", "--phrase", "fit", "--phrase", "cut")
    run("faq", "set", "aya", "sizes", "-l", "en", "--product", "p1", "--answer", "One size.")
    run("faq", "set", "aya", "sizes", "-l", "en", "--place", "2")
    assert read_answers(shop) == {
        ("sizes", "en"): ShopAnswer(
            faq="sizes", locale="en", answer="Usual.", phrases=("fit", "cut"), products={"p1": "One size."}, place=2
        )
    }


def test_a_language_may_be_written_as_browsers_do(run: Run, shop: Stack) -> None:
    run("faq", "set", "aya", "sizes", "-l", "pt-br", "--answer", "O de sempre.")
    assert list(read_answers(shop)) == [("sizes", "pt_BR")]


@pytest.mark.parametrize(
    ("arguments", "at", "what"),
    [
        (("workshops", "--answer", "Saturdays."), "--question", "not one of ours"),
        (("sizes", "--answer", "{{ order.name }}"), "--answer", "no field of an answer"),
        (("sizes",), "--answer", "nothing is said"),
        (("sizes", "--product", "p1"), "--answer", "needs what is said"),
    ],
)
def test_what_could_not_be_said_is_refused_and_nothing_is_kept(
    run: Run, shop: Stack, arguments: tuple[str, ...], at: str, what: str
) -> None:
    with pytest.raises(CommandFailure, match=what) as failure:
        run("faq", "set", "aya", *arguments, "-l", "en")
    assert failure.value.at == at
    assert failure.value.fix
    assert read_answers(shop) == {}


def test_a_store_that_nobody_added_is_named(run: Run) -> None:
    with pytest.raises(CommandFailure, match="there is no store"):
        run("faq", "set", "nobody", "sizes", "-l", "en", "--answer", "Usual.")


def test_words_are_taken_away_for_a_product_a_language_or_altogether(run: Run, shop: Stack) -> None:
    for language in ("en", "ja", "de"):
        run("faq", "set", "aya", "sizes", "-l", language, "--answer", "…")
    run("faq", "set", "aya", "sizes", "-l", "en", "--product", "p1", "--answer", "One size.")
    run("faq", "set", "aya", "gift_wrap", "-l", "en", "--product", "p1", "--answer", "No.")
    run("faq", "remove", "aya", "sizes", "--product", "p1")
    run("faq", "remove", "aya", "gift_wrap", "--product", "p1")
    assert read_answers(shop).keys() == {("sizes", "en"), ("sizes", "ja"), ("sizes", "de")}
    assert read_answers(shop)["sizes", "en"].products == {}
    run("faq", "remove", "aya", "sizes", "--language", "de")
    assert "en, ja" in run("faq", "remove", "aya", "sizes").output
    with pytest.raises(CommandFailure, match="no such answer of its own"):
        run("faq", "remove", "aya", "sizes")


YAML = """
sizes:
  en: Take your usual size.
  pt-BR:
    answer: O de sempre.
    products: {7001: Tamanho único.}
workshops:
  en:
    question: Sewing workshops
    answer: Each Saturday, {{ store.name }}.
    phrases: [sewing class, workshop]
    place: 1
"""


def test_answers_are_taken_from_a_file_and_what_was_refused_is_told(run: Run, shop: Stack, tmp_path: Path) -> None:
    broken = YAML.replace("Each Saturday, {{ store.name }}.", "'{{ order.name }}'")
    with pytest.raises(CommandFailure) as failure:
        run("faq", "import", "aya", write(tmp_path, "faq.yaml", broken))
    assert "1 mistakes" in failure.value.message
    assert read_answers(shop).keys() == {("sizes", "en"), ("sizes", "pt_BR")}
    taken = run("faq", "import", "aya", write(tmp_path, "faq.yaml", YAML.replace("{{ store.name }}", "'at ours'")))
    assert "3 answers are taken" in taken.output
    assert read_answers(shop)["sizes", "pt_BR"].products == {"7001": "Tamanho único."}
    assert read_answers(shop)["workshops", "en"].place == 1


@pytest.mark.parametrize(
    ("text", "where", "what"),
    [
        ("sizes: {en: {anwser: Usual.}}", "sizes.en.anwser", "not permitted"),
        ("sizes: {en: {place: first}}", "sizes.en.place", "valid integer"),
        ("sizes: {en: [Usual.]}", "sizes.en", "no answer in a language"),
        ("sizes: Usual.", "sizes", "no answer in a language"),
        ("sizes: {english: Usual.}", "sizes.english.language", "no language"),
    ],
)
def test_a_mistake_in_a_file_is_told_by_its_place(tmp_path: Path, text: str, where: str, what: str) -> None:
    read = read_faq(Path(write(tmp_path, "faq.yaml", text)))
    assert read.answers == ()
    [refused] = read.refused
    assert refused.where == where
    assert what in refused.what
    assert refused.fix


@pytest.mark.parametrize(
    ("name", "text", "what"),
    [
        ("faq.yaml", "sizes: {en: [", "expected"),
        ("faq.json", '{"sizes": ', "Expecting value"),
        ("faq.yaml", "- sizes", "names no questions"),
        ("faq.csv", "question,answer\na,b\n", "columns faq, language are missing"),
        ("faq.txt", "sizes", "names no format"),
    ],
)
def test_a_file_that_is_none_is_refused_as_a_whole(
    run: Run, shop: Stack, tmp_path: Path, name: str, text: str, what: str
) -> None:
    with pytest.raises(CommandFailure, match=what) as failure:
        run("faq", "import", "aya", write(tmp_path, name, text))
    assert name in failure.value.at
    assert read_answers(shop) == {}


def test_a_spreadsheet_has_a_line_for_each_answer_and_each_product(run: Run, shop: Stack, tmp_path: Path) -> None:
    text = (
        "\ufeffFaq,Language,Question,Answer,Phrases,Product,Place\r\n"
        'sizes,en,,"Take your usual size, or one up.",fit | runs small,,3\r\n'
        "sizes,en,,One size.,,7001,\r\n"
        ",,,,,,\r\n"
        "sizes,ja,,普段のサイズをお選びください。,,,\r\n"
    )
    assert "2 answers are taken" in run("faq", "import", "aya", write(tmp_path, "faq.csv", text)).output
    assert read_answers(shop)["sizes", "en"] == ShopAnswer(
        faq="sizes",
        locale="en",
        answer="Take your usual size, or one up.",
        phrases=("fit", "runs small"),
        products={"7001": "One size."},
        place=3,
    )


@pytest.mark.parametrize("suffix", [".yaml", ".json", ".csv"])
def test_what_is_exported_is_imported_as_it_was(run: Run, shop: Stack, tmp_path: Path, suffix: str) -> None:
    run("faq", "import", "aya", write(tmp_path, "first.yaml", YAML.replace("{{ store.name }}", "'at ours'")))
    before = read_answers(shop)
    path = tmp_path / f"out{suffix}"
    assert "3 answers" in run("faq", "export", "aya", str(path)).output
    for faq in ("sizes", "workshops"):
        run("faq", "remove", "aya", faq)
    run("faq", "import", "aya", str(path))
    assert read_answers(shop) == before


def test_questions_that_nobody_answers_are_exported_to_be_filled_in(run: Run, shop: Stack, tmp_path: Path) -> None:
    path = tmp_path / "open.json"
    run("faq", "export", "aya", str(path), "--open")
    exported = json.loads(path.read_text("utf-8"))
    assert exported["gift_wrap"]["ja"] == {"question": "ギフト包装", "answer": ""}
    assert "ja" not in exported["return_deadline"]
    assert "password" not in exported
    assert "0 answers are taken" in run("faq", "import", "aya", str(path)).output
    exported["gift_wrap"]["ja"]["answer"] = "無料で承ります。"
    path.write_text(json.dumps(exported), encoding="utf-8")
    run("faq", "import", "aya", str(path))
    assert read_answers(shop).keys() == {("gift_wrap", "ja")}


def test_ready_replies_are_written_listed_and_taken_away(run: Run, shop: Stack) -> None:
    assert "None yet" in run("replies", "list", "aya").output
    run("replies", "set", "aya", "thanks", "-l", "en", "--text", "Thank you, Aya.")
    run("replies", "set", "aya", "thanks", "-l", "ja", "--text", "ありがとうございます。")
    run("replies", "set", "aya", "thanks", "-l", "en", "--text", "Thank you.")
    assert open_knowledge(shop).list_quick_replies("aya", "en") == (
        QuickReply(name="thanks", locale="en", text="Thank you."),
    )
    assert "ありがとうございます。" in run("replies", "list", "aya").output
    run("replies", "remove", "aya", "thanks", "--language", "en")
    assert "in 1 language." in run("replies", "remove", "aya", "thanks").output
    with pytest.raises(CommandFailure, match="no such ready reply"):
        run("replies", "remove", "aya", "thanks")
    with pytest.raises(CommandFailure, match="no name"):
        run("replies", "set", "aya", "Thank you", "-l", "en", "--text", "…")


def test_products_are_listed_as_the_finder_sees_them(run: Run, shop: Stack) -> None:
    assert "No product is known yet" in run("products", "list", "aya").output
    shelf = DynamoShelf(shop.dynamodb, shop.table_name, FakeClock())
    for product, title, tag, in_stock in (
        ("1", "Cream", "dry", True), ("2", "Gel", "oily", True), ("3", "Balm", "dry", False),
    ):  # fmt: skip
        shelf.put_entry("aya", ShelfEntry(product_id=product, title=title, tags=(tag,), in_stock=in_stock), version=1)
    listed = list_columns(run("products", "list", "aya").output)
    assert [listed[product][-1] for product in ("1", "2", "3")] == ["yes", "yes", "no"]
    found = list_columns(run("products", "list", "aya", "--tag", "dry").output)
    assert found.keys() == {"id", "1"}


# ── Products from a file ─────────────────────────────────────────────────────────────────────────────────────────────

STOREFRONT = {
    "products": [
        {
            "id": 7001,
            "title": "Linen Apron",
            "handle": "linen-apron",
            "product_type": "Aprons",
            "tags": ["linen"],
            "updated_at": "2026-11-02T12:00:00+09:00",
            "variants": [{"id": 1, "title": "M", "price": "4800", "available": False}],
            "images": [{"src": "https://cdn.shopify.com/apron.jpg"}],
        },
        {"title": "Nameless"},
    ]
}


def receive(stack: Stack) -> list[Envelope]:
    answer = stack.sqs.receive_message(QueueUrl=stack.queues["BulkQueue"], MaxNumberOfMessages=10)
    return [read_envelope(message["Body"]) for message in answer.get("Messages", [])]


def test_products_of_the_shop_window_are_told_as_webhooks_tell_them(run: Run, shop: Stack, tmp_path: Path) -> None:
    with pytest.raises(CommandFailure, match="1 products were not taken"):
        run("products", "import", "aya", write(tmp_path, "products.json", json.dumps(STOREFRONT)))
    [envelope] = receive(shop)
    assert envelope.source == "okaeri products"  # no webhook of the store: doctor still sees when it last spoke
    assert isinstance(envelope.evidence, ProductSeen)
    assert make_entry(envelope.evidence.product) == ShelfEntry(
        product_id="7001",
        title="Linen Apron",
        url="https://aya.example/products/linen-apron",
        image="https://cdn.shopify.com/apron.jpg",
        price="4800",
        product_type="Aprons",
        tags=("linen",),
        in_stock=False,
    )


@pytest.mark.parametrize(
    ("platform", "product"),
    [
        (Platform.WOOCOMMERCE, {"id": 93, "name": "Apron", "type": "simple", "price": "48.90", "status": "publish"}),
        (
            Platform.STANDARD,
            {"product_id": "93", "title": "Apron", "variants": [{"variant_id": "1", "price": "48.90"}]},
        ),
    ],
)
def test_each_platform_s_own_list_is_read(
    run: Run, stack: Stack, tmp_path: Path, platform: Platform, product: dict[str, Any]
) -> None:
    create_store(stack, STORE.model_copy(update={"store_id": "other", "platform": platform}))
    assert "1 products" in run("products", "import", "other", write(tmp_path, "all.json", json.dumps([product]))).output
    [envelope] = receive(stack)
    assert isinstance(envelope.evidence, ProductSeen)
    entry = make_entry(envelope.evidence.product)
    assert entry is not None
    assert (entry.product_id, entry.title, entry.price) == ("93", "Apron", "48.9")


def test_a_product_that_cannot_be_read_is_told_by_its_place_and_others_are_taken(shop: Stack, tmp_path: Path) -> None:
    create_store(shop, STORE.model_copy(update={"store_id": "own", "platform": Platform.STANDARD}))
    listed = [{"product_id": "1", "title": "Apron"}, {"title": "Nameless"}]
    taken, [refused] = import_products(shop, "own", Path(write(tmp_path, "all.json", json.dumps(listed))))
    assert taken == 1
    assert refused.where == "products[1].data.product_id"
    assert "is missing" in refused.what


@pytest.mark.parametrize("text", ["{", '{"items": []}', '"products"'])
def test_a_file_without_products_is_refused(run: Run, shop: Stack, tmp_path: Path, text: str) -> None:
    with pytest.raises(CommandFailure) as failure:
        run("products", "import", "aya", write(tmp_path, "products.json", text))
    assert "products.json" in failure.value.at
    assert receive(shop) == []
