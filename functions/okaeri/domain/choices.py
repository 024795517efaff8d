"""Answers that come from the data: the customer's orders, an order's lines, products, languages, questions. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from okaeri.domain.cart_links import list_left, name_line
from okaeri.domain.compare_shipments import has_delivered_all
from okaeri.domain.customers import Customer, Run
from okaeri.domain.facts import Facts, Scene
from okaeri.domain.journeys import AskStep, Choices, FindStep
from okaeri.domain.keywords import fold_text
from okaeri.domain.orders import Order
from okaeri.domain.records import OrderRecord

MAX_ROWS = 10  # of a WhatsApp list
OPTIONS = "options"  # a run's data, and a message's: what the present question offers, as JSON
OF = "options.of"  # what kind of things they are: the renderer describes each in the reader's words
MAX_TITLE = 60
_NEAR_ENOUGH = 86  # of 100: a typing mistake or two in a title, and no other title


class Option(NamedTuple):
    """One answer: the thing's id, and its title where the data has one (a language's own name, an order's number).

    A budget is an amount in the store's currency, known by its id alone.
    """

    id: str
    title: str = ""


def list_options(step: AskStep, scene: Scene) -> tuple[Option, ...]:
    """What the question offers, in the order of its rows; answers of the file itself take the places that are left."""
    if step.choices is None:
        return ()
    return tuple(_list(step.choices, scene))[: MAX_ROWS - len(step.answers)]


def write_options(options: Iterable[Option], of: str) -> dict[str, str]:
    """How a run and its message carry them."""
    rows = [{"id": option.id, "title": option.title[:MAX_TITLE]} for option in options]
    return {OPTIONS: json.dumps(rows, ensure_ascii=False, separators=(",", ":")), OF: of}


def read_options(run: Run) -> tuple[Option, ...]:
    """What the run's present question offers."""
    return tuple(Option(row["id"], row["title"]) for row in json.loads(run.data.get(OPTIONS, "[]")))


def show_product(run: Run, product_id: str, scene: Scene) -> Run:
    """The run with what its messages may say of the product that was chosen: the latest one."""
    entry = next((entry for entry in scene.facts.shelf if entry.product_id == product_id), None)
    if entry is None:
        return run
    known = {"id": entry.product_id, "title": entry.title, "price": entry.price, "url": entry.url, "image": entry.image}
    return run.model_copy(update={"data": run.data | {f"product.{name}": value for name, value in known.items()}})


def find_option(text: str, options: Iterable[Option]) -> str | None:
    """The thing whose title was typed, a mistake or two forgiven; None where two are as near.

    Signs alone ("?", "🤔") are nobody's title: folded, they are as empty as an answer's own sign ("✅").
    """
    from rapidfuzz import fuzz, process  # 20 ms to import, needed only where somebody types what they could tap

    typed = fold_text(text)
    if not typed:
        return None
    titles = {option.id: fold_text(option.title) for option in options if option.title}
    exact = [name for name, title in titles.items() if typed == title]
    if exact:
        return exact[0]
    found = process.extract(typed, titles, scorer=fuzz.token_set_ratio, score_cutoff=_NEAR_ENOUGH, limit=2)
    if not found or (len(found) > 1 and found[0][1] == found[1][1]):
        return None
    return str(found[0][2])


def find_own_order(customer: Customer, facts: Facts, wanted: str) -> OrderRecord | None:
    """An order that is the customer's, by its id or its name; another's is none."""
    owners = (customer.customer_id, *customer.absorbed)
    name = fold_text(wanted)
    for record in facts.orders.values():
        if record.order is None or record.customer_id not in owners or names_another_number(record.order, customer):
            continue
        if record.order_id == wanted or (name and fold_text(record.order.name or "") == name):
            return record
    return None


def list_own_orders(customer: Customer, facts: Facts) -> list[Order]:
    """The customer's orders at hand, the latest first."""
    owners = (customer.customer_id, *customer.absorbed)
    mine = [record.order for record in facts.orders.values() if record.customer_id in owners and record.order]
    told = [order for order in mine if not names_another_number(order, customer)]
    shown = [order for order in told if order.quiet not in ("deleted", "test", "draft")]
    return sorted(shown, key=lambda order: order.created_at, reverse=True)


def names_another_number(order: Order, customer: Customer) -> bool:
    """Whether the order names another number than the one that the customer writes from: it may be somebody else's.

    Whoever types somebody's e-mail address into a checkout, beside a number of their own, is one customer with them.
    """
    named, writes_from = order.buyer.phone, customer.wrote_from
    return named is not None and writes_from is not None and named != writes_from


def read_wishes(step: FindStep, scene: Scene) -> dict[str, str]:
    """What is looked for, by what is compared; empty where the shopper does not mind."""
    return {name: str(scene.read_field(field) or "") for name, field in step.where.items()}


def _list_kinds(choices: Choices, scene: Scene) -> list[str]:
    """What the shop lists in the setting, else what its shelf tells."""
    from okaeri.domain.shelf import find_products, list_budgets, list_product_types  # few journeys look for products

    listed = str(scene.read_field(choices.setting) or "")
    own = [name for part in listed.split(",") if (name := part.strip())]
    if own or choices.of == "tags":
        return own
    if choices.of == "product_types":
        return list_product_types(scene.facts.shelf)
    steps = (step for step in scene.definition.steps if isinstance(step, FindStep) and step.find == choices.find)
    wanted = next((read_wishes(step, scene) for step in steps), {})
    return list_budgets(find_products(scene.facts.shelf, wanted, most=len(scene.facts.shelf)))


def _list(choices: Choices, scene: Scene) -> Iterator[Option]:
    match choices.of:
        case "orders" | "open_orders":
            for order in list_own_orders(scene.customer, scene.facts):
                if choices.of == "orders" or not (order.cancelled_at or has_delivered_all(order)):
                    yield Option(order.order_id, order.name or order.order_id)
        case "lines":
            order_at_hand = scene.find_order()
            for line in order_at_hand.lines if order_at_hand else ():
                if line.quantity > 0:
                    yield Option(line.line_id, name_line(line))
        case "cart_lines":
            yield from (Option(line.line_id, name_line(line)) for line in list_left(scene))
        case "products":
            titles = {entry.product_id: entry.title for entry in scene.facts.shelf}
            found = scene.run.data.get(f"find.{choices.find}.ids", "").split(",")
            yield from (Option(name, titles[name]) for name in found if name in titles)
        case "product_types" | "tags" | "budgets":
            yield from (Option(name, name if choices.of != "budgets" else "") for name in _list_kinds(choices, scene))
        case "languages":
            from okaeri.domain.languages import list_languages  # names come from babel: few ask for them

            yield from (Option(locale, name) for locale, name in list_languages(scene.facts.store))
        case "faq":
            yield from (Option(entry.faq, entry.question) for entry in scene.facts.faq if entry.is_answered)
        case "guesses":
            questions = {entry.faq: entry.question for entry in scene.facts.faq}
            for guess in filter(None, scene.run.data.get("turn.guesses", "").split("|")):
                yield Option(guess, questions.get(guess.removeprefix("faq:"), ""))
