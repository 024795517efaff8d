"""`okaeri links`: codes that begin flows, the links that carry them, QR codes, advertisements."""

from __future__ import annotations

import struct
from pathlib import Path
from urllib.parse import parse_qs, urlsplit
from xml.etree import ElementTree

import pytest
import segno
from typer.testing import CliRunner

from command_line import link_commands, records
from command_line.commands import app
from command_line.failures import CommandFailure
from command_line.links import (
    draw_qr_code,
    find_display_number,
    list_beginnings,
    load_texts,
    make_link,
    remove_code,
    set_code,
    write_text,
)
from command_line.numbers import find_number
from command_line.stack import Stack
from okaeri.adapters.locale_formats import CATALOGUE
from okaeri.domain.conversations import TURN_TAKEN
from okaeri.domain.entries import find_ad_code
from okaeri.domain.keywords import read_keyword
from okaeri.domain.mentions import find_code
from okaeri.domain.stores import Platform, PublishedJourney, Store, StoreSettings

AYA = Store(
    store_id="aya",
    name="Aya Ceramics",
    platform=Platform.STANDARD,
    domain="aya.example",
    site_url="https://aya.example",
    locale="ja",
    phone_number_id="100000000000001",
    triggers={TURN_TAKEN: (PublishedJourney(journey="talk-quiz", definition="d"),)},
)
WITH_CODE = AYA.model_copy(update={"settings": StoreSettings(entry_codes={"quiz": "talk-quiz", "spring": "talk-quiz"})})
PHONE = "+81 3-4567-8901"


@pytest.fixture
def shop(stack: Stack) -> Stack:
    records.create_store(stack, AYA)
    return stack


def read_settings(stack: Stack) -> StoreSettings:
    return records.read_store(stack, "aya").settings


def test_a_code_begins_a_flow_and_so_do_its_advertisements(shop: Stack) -> None:
    set_code(shop, "aya", "Spring-Quiz", "talk-quiz", ["238510000", "238520000"])
    store = records.read_store(shop, "aya")
    assert store.settings.entry_codes == {"spring-quiz": "talk-quiz"}
    assert find_ad_code("238520000", store) == "spring-quiz"
    (beginning,) = list_beginnings(store)
    assert beginning == ("spring-quiz", "talk-quiz", ("238510000", "238520000"), True)


def test_an_advertisement_is_taken_away_alone_and_a_code_with_all_of_its_own(shop: Stack) -> None:
    set_code(shop, "aya", "quiz", "talk-quiz", ["238510000", "238520000"])
    remove_code(shop, "aya", "quiz", ["238510000"])
    assert read_settings(shop).entry_ads == {"238520000": "quiz"}
    remove_code(shop, "aya", "QUIZ")
    assert (read_settings(shop).entry_codes, read_settings(shop).entry_ads) == ({}, {})


@pytest.mark.parametrize(
    ("code", "flow", "ads", "says"),
    [
        ("1001", "talk-quiz", [], "is no code"),
        ("spring quiz", "talk-quiz", [], "is no code"),
        ("春", "talk-quiz", [], "is no code"),
        ("q" * 31, "talk-quiz", [], "is no code"),
        ("stop", "talk-quiz", [], "means something else"),
        ("Start", "talk-quiz", [], "means something else"),
        ("quiz", "talk-quizz", [], "is not known here"),
        ("quiz", "talk-quiz", ["my ad"], "is no advertisement"),
    ],
)
def test_what_would_not_work_is_refused(shop: Stack, code: str, flow: str, ads: list[str], says: str) -> None:
    with pytest.raises(CommandFailure, match=says):
        set_code(shop, "aya", code, flow, ads)
    assert read_settings(shop).entry_codes == {}


def test_before_anything_is_published_there_is_nothing_to_begin(stack: Stack) -> None:
    records.create_store(stack, AYA.model_copy(update={"triggers": {}}))
    with pytest.raises(CommandFailure, match="begins with a talk") as caught:
        set_code(stack, "aya", "quiz", "talk-quiz")
    assert "okaeri publish aya" in caught.value.fix


def test_a_code_that_the_shop_does_not_have_cannot_be_removed(shop: Stack) -> None:
    with pytest.raises(CommandFailure, match="has no code 'gone'"):
        remove_code(shop, "aya", "gone")


def test_our_own_words_carry_the_code_in_each_language_and_stop_nothing() -> None:
    assert set(load_texts()) == {path.stem for path in (CATALOGUE / "words").glob("*.json")}
    for locale in load_texts():
        text = write_text(WITH_CODE, "spring", language=locale)
        assert "Aya Ceramics" in text
        assert find_code(text, WITH_CODE.settings.entry_codes) == "spring"
        assert read_keyword(text) is None


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("Help me choose", "Help me choose (quiz)"),
        ("#{code} for me, {shop}!", "#quiz for me, Aya Ceramics!"),
    ],
)
def test_the_shop_s_own_words_carry_the_code_too(text: str, written: str) -> None:
    assert write_text(WITH_CODE, "quiz", text) == written


@pytest.mark.parametrize("text", ["I love #spring", "find {code} here", "q" * 301])
def test_words_in_which_the_code_would_not_be_found_are_refused(text: str) -> None:
    with pytest.raises(CommandFailure):
        write_text(WITH_CODE, "quiz", text)


def test_a_link_opens_the_shop_s_number_with_the_words_as_they_are() -> None:
    text = write_text(WITH_CODE, "quiz", "Größe & Farbe? 色 +1 ({code})")
    link = urlsplit(make_link("81345678901", text))
    assert (link.scheme, link.netloc, link.path) == ("https", "wa.me", "/81345678901")
    assert parse_qs(link.query) == {"text": [text]}


def test_the_number_is_asked_for_once_where_meta_does_not_tell_it(shop: Stack) -> None:
    with pytest.raises(CommandFailure, match="number of aya is not known") as caught:
        find_display_number(shop, AYA)
    assert "--number" in caught.value.fix
    assert find_display_number(shop, AYA, PHONE) == "81345678901"
    assert find_display_number(shop, AYA) == "81345678901"
    kept = find_number(shop, AYA)
    assert kept is not None and kept.display == "81345678901"


def test_a_qr_code_is_drawn_whole_with_its_margin(tmp_path: Path) -> None:
    link = make_link("81345678901", write_text(WITH_CODE, "quiz"))
    draw_qr_code(link, tmp_path / "quiz.svg")
    draw_qr_code(link, tmp_path / "quiz.png")
    width = (segno.make(link, error="m", micro=False).symbol_size(border=4)[0]) * 10
    drawing = ElementTree.parse(tmp_path / "quiz.svg").getroot()
    assert drawing.attrib["width"] == str(width)
    assert struct.unpack(">II", (tmp_path / "quiz.png").read_bytes()[16:24]) == (width, width)


@pytest.mark.parametrize(("name", "says"), [("quiz.gif", "no picture"), ("none/quiz.svg", "cannot be written")])
def test_a_qr_code_that_cannot_be_drawn_says_why(tmp_path: Path, name: str, says: str) -> None:
    with pytest.raises(CommandFailure, match=says):
        draw_qr_code("https://wa.me/81345678901", tmp_path / name)


def test_the_commands_make_list_and_remove(shop: Stack, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(link_commands, "open_stack", lambda name: shop)

    def run(*words: str) -> str:
        result = CliRunner().invoke(app, ["links", *words])
        assert result.exit_code == 0, result.output
        return result.output

    assert "No code yet" in run("list", "aya")
    assert "okaeri links make aya quiz" in run("set", "aya", "quiz", "talk-quiz", "--ad", "238510000")
    picture = tmp_path / "quiz.svg"
    made = run("make", "aya", "quiz", "--language", "en", "--qr", str(picture), "--number", PHONE)
    assert made.startswith("https://wa.me/81345678901?text=Hello%20Aya%20Ceramics%21")
    assert "begins: talk-quiz" in made and picture.exists()
    listed = run("list", "aya")
    assert "238510000" in listed and "https://wa.me/81345678901" in listed
    run("remove", "aya", "quiz")
    assert "No code yet" in run("list", "aya")
