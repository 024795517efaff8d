"""Random talks: journeys that begin with what a shopper says, letters, planned replies and surveys beside them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from hypothesis import strategies as st

from okaeri.catalogue.compile_journeys import compile_journey
from okaeri.domain.interpretations import UNKNOWN, Guess, Interpretation
from okaeri.domain.journeys import Definition
from okaeri.domain.stores import Store
from tests.journey_strategies import Source, write_journey
from tests.steady_draws import Draw, draw_numbers, draw_one, draw_several

PATIENCE = ("PT2M", "PT20M", "PT23H", "P3D")
INTENTS = ("order_status", "cancel_order", "return", "find_product", "language", "subscribe")
_MEANINGS = {
    "order": "order_status",
    "cancel": "cancel_order",
    "return": "return",
    "find": "find_product",
    "language": "language",
    "news": "subscribe",
    "person": "person",
    "skip": "skip",
    "thanks": "thanks",
    "hello": "greeting",
}


class WordReader:
    """Understands a word for each thing that may be wanted, and what is written in digits."""

    def interpret(self, text: str, store: Store, *, locale: str | None) -> Interpretation:
        words = text.lower().split()
        number = next((word.lstrip("#") for word in words if word.lstrip("#").isdecimal()), "")
        found = [_MEANINGS[word] for word in words if word in _MEANINGS]
        if found:
            return Interpretation(Guess(found[0], 95 - len(words)), order_name=number if len(words) > 1 else "")
        others = (Guess("order_status", 50), Guess("faq", 40, "delivery_time"))
        return Interpretation(Guess(UNKNOWN, 0), others, choice=int(number) if number and len(words) == 1 else None)


@dataclass
class TalkWriter:
    """Writes the steps of one talk; each part leaves the run where the next part may begin."""

    draw: Draw
    names: list[str] = field(default_factory=list)

    def pick[Item](self, items: tuple[Item, ...]) -> Item:
        chosen: Item = self.draw(draw_one(items))
        return chosen

    def name_id(self, what: str) -> str:
        self.names.append(what)
        return f"{what}_{len(self.names)}"

    def write_parts(self) -> list[Source]:
        """One to four parts."""
        parts = (
            *(self.choose_order, self.choose_order, self.take_latest, self.choose_line, self.choose_guess),
            *(self.ask_words, self.ask_sure, self.ask_photo, self.change_order, self.find, self.hand_over),
            *(self.note_wishes, self.say, self.rest),
        )
        return [step for _ in range(self.draw(draw_numbers(1, 4))) for step in self.pick(parts)()]

    def ask(self, name: str, template: str, **more: Any) -> Source:
        again = self.pick(({}, {"retries": 1}, {"retries": 2}))
        asked = {"id": name, "template": template, "channels": ["whatsapp"], "timeout": self.pick(PATIENCE)}
        return {"ask": asked | again | more}

    def say(self, template: str = "talk_said") -> list[Source]:
        return [{"send": {"template": template, "channels": ["whatsapp"]}}]

    def rest(self) -> list[Source]:
        return [{"wait": self.pick(("PT1M", "PT6H"))}, *self.say("talk_later")]

    def take_latest(self) -> list[Source]:
        return [{"focus": "latest"}, *self._branch("focused", self.say("talk_status"), self.say("talk_none"))]

    def choose_order(self) -> list[Source]:
        name = self.name_id("order")
        question = self.ask(name, "talk_which_order", choices=self.pick(("orders", "open_orders")))
        focused = self._branch("focused", self.say("talk_status"), self.say("talk_none"))
        return [question, {"focus": f"answer.{name}"}, *focused]

    def choose_line(self) -> list[Source]:
        return [{"focus": "latest"}, self.ask(self.name_id("line"), "talk_which_line", choices="lines")]

    def choose_guess(self) -> list[Source]:
        name = self.name_id("guess")
        question = self.ask(name, "talk_did_you_mean", choices="guesses", answers={"person": ["someone"]})
        return [question, {"branch": [{"when": {"answer": name, "is": "person"}, "steps": self.hand_over()}]}]

    def ask_words(self) -> list[Source]:
        name = self.name_id("words")
        kept = {"survey": "talk", "answers": {"words": f"answer.{name}"}}
        return [self.ask(name, "talk_what", text=True), {"record": kept}]

    def ask_sure(self) -> list[Source]:
        name = self.name_id("sure")
        question = self.ask(name, "talk_sure", answers={"yes": ["✅"], "no": ["❌"]})
        return [question, *self._branch("answered", self.say("talk_thanks"), [{"exit": "not answered"}])]

    def ask_photo(self) -> list[Source]:
        return [self.ask(self.name_id("photo"), "talk_photo", media=True)]

    def change_order(self) -> list[Source]:
        change = {"id": self.name_id("change"), "do": "cancel"}
        return [{"focus": "latest"}, {"change_order": change}, *self._branch("done", self.say("talk_done"), self.say())]

    def find(self) -> list[Source]:
        name = self.name_id("finds")
        question = self.ask(self.name_id("product"), "talk_finds", choices=f"products:{name}")
        return [{"find": {"id": name, "most": 3}}, question]

    def hand_over(self) -> list[Source]:
        ticket = {"queue": "conversation", "due": "PT4H", "hand_over": True, "data": {"said": "turn.said"}}
        spoken = self.say("talk_wait_for_us")
        return [{"open_ticket": ticket}, *spoken] if self.draw(st.booleans()) else [*spoken, {"open_ticket": ticket}]

    def note_wishes(self) -> list[Source]:
        name = self.name_id("language")
        agreed = {"channel": "whatsapp", "purpose": "marketing", "given": self.draw(st.booleans())}
        question = self.ask(name, "talk_language", choices="languages")
        return [{"consent": agreed}, question, {"language": f"answer.{name}"}, *self.say()]

    def _branch(self, outcome: str, steps: list[Source], otherwise: list[Source]) -> list[Source]:
        when = {"field": "run.outcome", "is": outcome}
        return [{"branch": [{"when": when, "steps": steps}, {"otherwise": otherwise}]}]


def _write(name: str, trigger: Source, steps: list[Source], **more: Any) -> Definition:
    source = {"journey": name, "version": 1, "purpose": "order", "trigger": trigger, "steps": steps} | more
    return compile_journey(write_journey(source), f"{name}.yaml")


def _begin_with(intent: str) -> Source:
    return {"event": "turn.taken", "key": "event.id", "when": {"field": "event.intent", "is": intent}}


@st.composite
def talks(draw: Draw) -> list[Definition]:
    """A shop's talks: a few intents of its own, and what every shop has: a way to people, letters, two surveys."""
    wanted = draw(draw_several(INTENTS, 1, 3))
    written = [
        _write(f"talk-{name}".replace("_", "-"), _begin_with(name), TalkWriter(draw).write_parts()) for name in wanted
    ]
    if draw(st.booleans()):  # two that answer the same wish
        written.append(_write("talk-another", _begin_with(wanted[0]), TalkWriter(draw).write_parts()))
    unsure, person = TalkWriter(draw), TalkWriter(draw)
    letter_steps: list[Source] = [
        {"open_ticket": {"queue": "letters", "due": "PT4H", "hand_over": True}},
        {"send": {"template": "letter_received", "channels": ["email"]}},
    ]
    letter = {"event": "letter.received", "key": "event.id", "when": {"field": "event.is_threaded", "is": False}}
    planned: list[Source] = [
        {"wait": {"until": "turn.at", "else": "PT0S"}},
        {"send": {"template": "staff_reply", "channels": ["whatsapp", "email"]}},
    ]
    wrote = {"event": "message.received", "match": "customer", "reason": "they wrote"}
    return [
        *written,
        _write("talk-unknown", _begin_with(UNKNOWN), unsure.choose_guess()),
        _write("talk-person", _begin_with("person"), person.hand_over()),
        _write("letter-received", letter, letter_steps),
        _write("scheduled-reply", {"event": "reply.scheduled", "key": "event.id"}, planned, exit=[wrote]),
        *(write_survey(name, draw(draw_one(("PT0S", "PT2H", "P3D")))) for name in ("survey-one", "survey-two")),
    ]


def write_survey(name: str, after: str) -> Definition:
    """Asks for a score and why, some time after each order."""
    score = {"id": "score", "template": "how_was_it", "answers": {"9": [], "2": []}, "timeout": "P2D"}
    why = {"id": "why", "template": "why", "channels": ["whatsapp"], "text": True, "timeout": "PT2H"}
    kept = {"survey": name, "score": "answer.score", "answers": {"why": "answer.why"}}
    steps: list[Source] = [{"wait": after}, {"ask": score}, {"ask": why}, {"record": kept}]
    return _write(name, {"event": "order.placed", "key": "order.id"}, steps)
