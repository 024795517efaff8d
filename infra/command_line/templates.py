"""Pushing a store's message templates to Meta, and reading what became of them."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from command_line import records
from command_line.failures import CommandFailure
from command_line.journeys import list_journeys
from command_line.publish import Catalogue, choose_templates, list_languages, load_catalogue
from command_line.secrets import name_secret, read_secret
from command_line.stack import Stack
from okaeri.adapters.whatsapp_templates import GraphTemplates, TemplateRefused
from okaeri.catalogue.journey_parts import list_said
from okaeri.domain.stores import Store
from okaeri.domain.templates import Template, TemplateState
from okaeri.errors import GiveUp, StopSender, TryAgain

META_LIMIT = 250  # templates of an account that is not verified
UNDECIDED = frozenset({"PENDING", "IN_APPEAL"})
REFUSED_HERE = "REFUSED"  # Meta would not even take the definition; a state of ours
MISSING = "MISSING"  # never pushed, or deleted at Meta
_TRIES = 4
_AT_ONCE = 4  # calls of Meta; each takes a second there


@dataclass(frozen=True)
class PushedTemplate:
    """A template of a store, and where it stands at Meta."""

    template: Template
    state: TemplateState

    @property
    def is_ready(self) -> bool:
        """Whether messages can be sent with it."""
        return self.state.status == "APPROVED"

    @property
    def drifted(self) -> bool:
        """Whether Meta counts it as another category than we do: other consent, other price."""
        assert self.template.whatsapp is not None  # only these are pushed
        return self.is_ready and self.state.category not in ("", self.template.whatsapp.category)


type Watch = Callable[[Sequence[PushedTemplate]], None]


def push_templates(
    stack: Stack,
    store_id: str,
    *,
    wait_s: float = 0,
    poll_s: float = 3,
    watch: Watch = lambda pushed: None,
    catalogue: Catalogue | None = None,
) -> list[PushedTemplate]:
    """Creates what is missing at Meta and keeps the state of each; waits up to `wait_s` for Meta's decisions.

    `watch` is called after each step with how all of them stand. Raises CommandFailure.
    """
    store = records.read_store(stack, store_id)
    templates = list_wanted(store, catalogue or load_catalogue())
    graph = open_graph(stack, store)
    states = _read_states(graph, templates)

    def push(template: Template, known: TemplateState) -> TemplateState:
        return _create(graph, template, public_url=stack.api_url) if known.status == MISSING else known

    with ThreadPoolExecutor(_AT_ONCE) as pool:
        for number, state in enumerate(pool.map(push, templates, tuple(states))):
            states[number] = state
            watch(_pair(templates, states))
    _keep(stack, store_id, _pair(templates, states))
    ends = time.monotonic() + wait_s
    while any(state.status in UNDECIDED for state in states) and time.monotonic() < ends:
        time.sleep(min(poll_s, max(ends - time.monotonic(), 0)))
        before, fresh = states, _read_states(graph, templates)
        states = [now if now.status != MISSING else old for old, now in zip(before, fresh, strict=True)]
        changed = [pushed for old, pushed in zip(before, _pair(templates, states), strict=True) if pushed.state != old]
        _keep(stack, store_id, changed)
        watch(_pair(templates, states))
    return _pair(templates, states)


def check_templates(stack: Stack, store_id: str, *, catalogue: Catalogue | None = None) -> list[PushedTemplate]:
    """How the store's templates stand at Meta now; keeps it for the senders. Raises CommandFailure."""
    store = records.read_store(stack, store_id)
    templates = list_wanted(store, catalogue or load_catalogue())
    pushed = _pair(templates, _read_states(open_graph(stack, store), templates))
    _keep(stack, store_id, pushed)
    return pushed


def list_wanted(store: Store, catalogue: Catalogue) -> list[Template]:
    """WhatsApp templates of the journeys that are switched on, and of broadcasts, in the store's languages.

    What broadcasts say is the marketing that no journey says.
    """
    definitions = catalogue.definitions
    used = {
        name
        for journey in list_journeys(store)
        if journey.on and journey.definition in definitions
        for name in list_said(definitions[journey.definition])
    }
    of_journeys = {name for definition in definitions.values() for name in list_said(definition)}
    chosen = choose_templates(catalogue, list_languages(store, catalogue))
    used |= {template.name for template in chosen if template.purpose == "marketing"} - of_journeys
    wanted = [template for template in chosen if template.name in used and template.whatsapp]
    if len(wanted) > META_LIMIT:
        raise CommandFailure(
            f"{len(wanted)} templates are more than the {META_LIMIT} that Meta allows an account",
            at="languages",
            fix=f"Name fewer languages: okaeri stores set {store.store_id} languages={store.locale}",
        )
    return wanted


def open_graph(stack: Stack, store: Store) -> GraphTemplates:
    """Meta's templates of the store's account. CommandFailure where WhatsApp is not set up."""
    token = read_secret(stack, name_secret(stack, store.store_id, "whatsapp"))
    if not store.waba_id or not token:
        raise CommandFailure(
            f"{store.store_id} has no WhatsApp account yet",
            at="STORE",
            fix=f"okaeri stores add {store.store_id} --waba-id … --phone-number-id … asks for the token.",
        )
    return GraphTemplates(
        base_url=stack.graph_api_url, version=stack.graph_api_version, waba_id=store.waba_id, token=token["token"]
    )


def _read_states(graph: GraphTemplates, templates: Sequence[Template]) -> list[TemplateState]:
    """One listing for all; MISSING for what Meta does not know."""
    known = ask_meta(lambda: {(name, language.replace("-", "_")): state for name, language, state in graph.list()})
    return [
        known.get((template.meta_name, template.meta_language), TemplateState(status=MISSING, category=""))
        for template in templates
    ]


def _create(graph: GraphTemplates, template: Template, *, public_url: str) -> TemplateState:
    try:
        return ask_meta(lambda: graph.create(template, public_url=public_url))
    except TemplateRefused as refused:
        return TemplateState(status=REFUSED_HERE, category="", reason=f"{refused.code}: {refused}")


def ask_meta[Answer](call: Callable[[], Answer]) -> Answer:
    """Asks Meta, again after a passing fault; explains what does not pass."""
    for tried in range(1, _TRIES + 1):
        try:
            return call()
        except TryAgain as error:
            if tried == _TRIES:
                raise CommandFailure(
                    f"Meta does not answer ({error})",
                    at="Meta",
                    fix="Run the command again later: it goes on where it stopped.",
                ) from error
            time.sleep(min(error.after_s or 2.0**tried, 10))
        except StopSender as error:
            raise CommandFailure(
                f"Meta refuses the account or token ({error})", at="Meta", fix="okaeri doctor STORE says what to mend."
            ) from error
        except TemplateRefused:
            raise
        except GiveUp as error:
            raise CommandFailure(
                f"Meta refuses: {error}", at="Meta", fix="okaeri doctor STORE says what to mend."
            ) from error
    raise AssertionError("the last try returns or raises")


def _keep(stack: Stack, store_id: str, pushed: Sequence[PushedTemplate]) -> None:
    known = [entry for entry in pushed if entry.state.status not in (MISSING, REFUSED_HERE)]
    records.put_template_states(stack, store_id, [(entry.template, entry.state) for entry in known])


def _pair(templates: Sequence[Template], states: Sequence[TemplateState]) -> list[PushedTemplate]:
    return [PushedTemplate(template, state) for template, state in zip(templates, states, strict=True)]
