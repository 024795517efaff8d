"""`okaeri publish` and `okaeri journeys …`: what the functions then find in the table."""

from __future__ import annotations

import boto3
import pytest

from command_line.checks import check_language
from command_line.failures import CommandFailure
from command_line.journeys import list_journeys, set_journey, switch_journey
from command_line.publish import load_catalogue, publish_catalogue
from command_line.stack import Stack
from command_line.stores import add_store, change_settings
from okaeri.adapters.definitions import DynamoDefinitions
from okaeri.adapters.stores import DynamoStores
from okaeri.adapters.templates import DynamoTemplates
from okaeri.domain.modes import find_mode
from okaeri.domain.stores import Mode, Platform, Store
from tests.functional.command_line.stack import make_catalogue, make_template


def add_own_store(stack: Stack, store_id: str = "own") -> None:
    choices = {"name": "Own", "domain": "own.example", "locale": "ja", "contact-person": "Aya"}
    add_store(stack, store_id, choices, platform=Platform.STANDARD, catalogue=make_catalogue())


def read_store(stack: Stack, store_id: str = "own") -> Store:
    store = DynamoStores(boto3.client("dynamodb"), stack.table_name).get(store_id)
    assert store is not None
    return store


def test_functions_find_each_journey_and_template_that_the_store_names(stack: Stack) -> None:
    add_own_store(stack)
    catalogue = make_catalogue()
    definitions = DynamoDefinitions(boto3.client("dynamodb"), stack.table_name)
    for entries in read_store(stack).triggers.values():
        for entry in entries:
            assert definitions.get(entry.definition) == catalogue.definitions[entry.definition]
    templates = DynamoTemplates(boto3.client("dynamodb"), stack.table_name)
    for name, published in read_store(stack).templates.items():
        for locale in published.whatsapp:
            assert templates.get("own", name, locale) == make_template(name, locale)


def test_publishing_again_changes_nothing_and_says_so(stack: Stack) -> None:
    add_own_store(stack)
    [again] = publish_catalogue(stack, catalogue=make_catalogue())
    assert not again.changed
    changed = make_catalogue(templates=make_catalogue().templates[:2])
    [other] = publish_catalogue(stack, ["own"], catalogue=changed)
    assert other.changed and list(other.store.templates) == ["order_confirmed"]


def test_a_new_version_keeps_the_shop_s_switches_and_settings(stack: Stack) -> None:
    add_own_store(stack)
    catalogue = make_catalogue()
    switch_journey(stack, "own", "confirm-order", on=False)
    set_journey(stack, "own", "review-request", {"review_after": "P3D"}, catalogue=catalogue)
    newer = make_catalogue(journeys=tuple(j.model_copy(update={"version": 2}) for j in catalogue.journeys))
    [published] = publish_catalogue(stack, catalogue=newer)
    before = {entry.definition for entry in list_journeys(read_store(stack))}
    by_name = {entry.journey: entry for entry in list_journeys(published.store)}
    assert not by_name["confirm-order"].on and by_name["review-request"].on
    assert by_name["review-request"].settings == {"review_after": "P3D"}
    assert before == set(newer.definitions) and before.isdisjoint(catalogue.definitions)
    definitions = DynamoDefinitions(boto3.client("dynamodb"), stack.table_name)
    assert [definitions.get(old).version for old in catalogue.definitions] == [1, 1]  # runs that have begun go on


def test_a_journey_that_is_new_may_come_in_a_mode_of_its_own(stack: Stack) -> None:
    add_own_store(stack)
    catalogue = make_catalogue()
    one_more = catalogue.journeys[0].model_copy(update={"journey": "thank-you"})
    wider = make_catalogue(journeys=(*catalogue.journeys, one_more))
    [published] = publish_catalogue(stack, ["own"], catalogue=wider, new=Mode.SHADOW)
    modes = {entry.journey: find_mode(published.store, entry) for entry in list_journeys(published.store)}
    assert modes == {"confirm-order": Mode.ON, "review-request": Mode.ON, "thank-you": Mode.SHADOW}
    [again] = publish_catalogue(stack, ["own"], catalogue=wider)
    assert not again.changed


def test_each_event_names_the_journeys_that_it_starts(stack: Stack) -> None:
    add_own_store(stack)
    triggers = read_store(stack).triggers
    assert {event: [entry.journey for entry in entries] for event, entries in triggers.items()} == {
        "order.placed": ["confirm-order"],
        "order.paid": ["confirm-order"],
        "shipment.delivered": ["review-request"],
    }
    switch_journey(stack, "own", "confirm-order", on=False)
    assert [entry.on for entry in read_store(stack).triggers["order.paid"]] == [False]


def test_a_store_speaks_the_languages_that_it_lists(stack: Stack) -> None:
    add_own_store(stack)
    change_settings(stack, "own", {"languages": "ja"}, catalogue=make_catalogue())
    [published] = publish_catalogue(stack, catalogue=make_catalogue())
    assert published.store.templates["order_confirmed"].email == ("ja",)


def test_a_template_of_the_shops_own_in_one_language_takes_no_language_away_from_the_others(stack: Stack) -> None:
    catalogue = make_catalogue()
    own = next(template for template in catalogue.templates if template.locale == "en")
    wider = make_catalogue(templates=(*catalogue.templates, own.model_copy(update={"name": "size_question"})))
    add_own_store(stack)
    change_settings(stack, "own", {"languages": "en,ja"}, catalogue=wider)
    [published] = publish_catalogue(stack, catalogue=wider)
    assert published.store.templates["order_confirmed"].email == ("en", "ja")
    assert published.gaps == {"size_question": ("ja",)}


@pytest.mark.parametrize(
    ("typed", "language"), [("pt", "pt_BR"), ("pt-BR", "pt_BR"), (" pt_br ", "pt_BR"), ("de-AT", "de"), ("EN-us", "en")]
)
def test_a_language_is_found_by_each_of_its_names(typed: str, language: str) -> None:
    assert check_language(typed, "languages", ("en", "de", "pt_BR")) == language


@pytest.mark.parametrize(
    ("journey", "settings", "said"),
    [
        ("reviews", {"review_after": "P3D"}, "review-request"),
        ("review-request", {"after": "P3D"}, "review_after"),
        ("review-request", {"review_after": "3 days"}, "P7D"),
        ("review-request", {"review_after": "P4000000D"}, "P3653D"),
        ("confirm-order", {"review_after": "P3D"}, "on or off"),
    ],
)
def test_a_setting_that_a_journey_does_not_have_is_refused(
    stack: Stack, journey: str, settings: dict[str, str], said: str
) -> None:
    add_own_store(stack)
    with pytest.raises(CommandFailure) as refused:
        set_journey(stack, "own", journey, settings, catalogue=make_catalogue())
    assert said in refused.value.fix


def test_the_shipped_catalogue_has_every_template_that_its_journeys_send() -> None:
    catalogue = load_catalogue()
    assert catalogue.languages == {"ar", "de", "en", "es", "hi", "ja", "ms", "pt_BR"}
    names = {template.name for template in catalogue.templates}
    sent = {step.template for journey in catalogue.journeys for step in journey.steps if step.op == "send"}
    assert sent and sent <= names
