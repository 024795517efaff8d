"""A customer's story as sentences: what happened, what was weighed, what was said, and what became of it. Pure.

Whoever shows it, prints it: each line carries its code beside its sentence. Moments are in the customer's own zone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from okaeri.domain.customers import Customer
from okaeri.domain.habits import Habit
from okaeri.domain.histories import History, KeptMessage
from okaeri.domain.local_time import find_zone
from okaeri.domain.message_fates import Line, say_fate, tell_fate
from okaeri.domain.messages import Message
from okaeri.domain.records import (
    ConsentEntry,
    DecisionRecord,
    Finding,
    FinishedRun,
    GoalReached,
    MediaRecord,
    TimelineEntry,
)
from okaeri.domain.sentences import (
    say_channel,
    say_event,
    say_finding,
    say_moment,
    say_purpose,
    say_reason,
)
from okaeri.domain.standing import Standing, describe_standing
from okaeri.domain.stores import Store

DECISIONS_KEPT = timedelta(days=90)


@dataclass(frozen=True)
class Entry:
    """What happened at one moment. `journeys`, `order_ids` and `messages` are what it is about."""

    at: datetime
    kind: Literal["event", "message", "consent", "said", "run", "goal", "media"]
    text: str
    lines: tuple[Line, ...] = ()
    journeys: tuple[str, ...] = ()
    order_ids: tuple[str, ...] = ()
    messages: tuple[str, ...] = ()
    code: str = ""


@dataclass(frozen=True)
class Question:
    """What is asked: everything, or what is about an order, a journey or a message, from `since` on."""

    since: datetime | None = None
    order_id: str | None = None
    journey: str | None = None
    message_id: str | None = None

    @property
    def is_narrow(self) -> bool:
        """Whether it asks for one thing alone."""
        return bool(self.order_id or self.journey or self.message_id)


@dataclass(frozen=True)
class Explanation:
    """The answer: the story, newest last, how things stand now, and what one should know of the answer itself."""

    store_id: str
    customer_id: str
    name: str
    zone: str
    entries: tuple[Entry, ...]
    standing: Standing
    notes: tuple[str, ...] = ()


def explain_customer(
    customer: Customer,
    store: Store,
    history: History,
    question: Question,
    real_now: datetime,
    order_names: Mapping[str, str] | None = None,
    habits: Sequence[Habit] = (),
) -> Explanation:
    """Everything that is kept with the customer, as far as it is asked for; `order_names` are by order id."""
    zone = find_zone(customer, store)
    now = real_now + timedelta(seconds=customer.ahead_s)
    entries = sorted(
        _Story(customer, history, zone, order_names or {}).tell(), key=lambda entry: (entry.at, entry.kind == "message")
    )
    return Explanation(
        store_id=store.store_id,
        customer_id=customer.customer_id,
        name=" ".join(filter(None, (customer.first_name, customer.last_name))),
        zone=zone.key,
        entries=tuple(entry for entry in entries if _is_asked_for(entry, question)),
        standing=describe_standing(customer, store, history.decisions, now, real_now, habits),
        notes=tuple(_list_notes(customer, history, question, now, zone)),
    )


def _is_asked_for(entry: Entry, question: Question) -> bool:
    if question.since is not None and entry.at < question.since:
        return False
    if question.order_id is not None and question.order_id not in entry.order_ids:
        return False
    if question.journey is not None and question.journey not in entry.journeys:
        return False
    wanted = question.message_id
    return wanted is None or any(message.startswith(wanted) for message in entry.messages)


def _list_notes(
    customer: Customer, history: History, question: Question, now: datetime, zone: ZoneInfo
) -> Iterator[str]:
    oldest = now - DECISIONS_KEPT
    asked = [question.since] if question.since else []
    asked += [kept.message.decided_at for kept in history.messages if _is_about(kept.message, question)]
    if min([*asked, customer.created_at]) < oldest:
        day = say_moment(oldest.astimezone(zone))
        yield f"What was weighed is kept for 90 days: nothing of it is known from before {day}."
    if history.is_cut:
        yield "There is more than was read: ask for a time (since), an order, a journey or a message."
    if customer.absorbed:
        number = len(customer.absorbed)
        yield f"{number} other record{'s' if number > 1 else ''} turned out to be the same person: their story is here."
    if customer.shared:
        yield "An address of theirs names several people: they get no marketing."
    if customer.pending:
        yield f"{len(customer.pending)} things that were decided are still to be carried out; the next event does it."
    if customer.ahead_s:
        yield "Waits are shortened on this stack: decisions are on the customer's own clock, reports on the real one."


def _is_about(message: Message, question: Question) -> bool:
    if not question.is_narrow:
        return False
    return bool(
        (question.order_id and message.refs.order_id == question.order_id)
        or (question.message_id and message.message_id.startswith(question.message_id))
    )


class _Story:
    """The entries of one history; what is told twice in the table is told once here."""

    def __init__(self, customer: Customer, history: History, zone: ZoneInfo, order_names: Mapping[str, str]) -> None:
        self.history, self.zone, self.order_names = history, zone, order_names
        ids = {run.make_id(customer.store_id): run.journey for run in customer.runs}
        ids |= {finished.run_id: finished.run.journey for finished in history.runs}
        self.journeys = ids
        self.orders = {run.make_id(customer.store_id): run.refs.get("order.id", ()) for run in customer.runs} | {
            finished.run_id: finished.run.refs.get("order.id", ()) for finished in history.runs
        }
        self.messages = {kept.message.message_id: kept.message for kept in history.messages}
        self._told: set[int] = set()

    def tell(self) -> Iterator[Entry]:
        for decision in self.history.decisions:
            yield self._tell_decision(decision)
        for kept in self.history.messages:
            yield self._tell_message(kept)
        for consent in self.history.consents:
            if id(consent) not in self._told:
                yield self._tell_consent(consent)
        for said in self.history.timeline:
            if id(said) not in self._told:
                yield self._tell_timeline(said)
        for file in self.history.media:
            yield self._tell_file(file)
        ends = {
            (decision.decided_at, finding.what) for decision in self.history.decisions for finding in _ends(decision)
        }
        for run in self.history.runs:
            if (run.ended_at, f"{run.run.journey}.run") not in ends:
                yield self._tell_run(run)
        decided = {decision.event_id for decision in self.history.decisions}
        for goal in self.history.goals:
            if goal.event_id not in decided:
                yield self._tell_goal(goal)

    # -- decisions -------------------------------------------------------------------------------------------------

    def _tell_decision(self, decision: DecisionRecord) -> Entry:
        data = dict(decision.data)
        run_id = data.get("run.id", "")
        journey = self.journeys.get(run_id) or next((_name_journey(f) for f in decision.findings), "")
        if decision.event == "timer.due":
            data["journey"] = journey
        data["order.name"] = self.order_names.get(data.get("order.id", ""), "")
        lines = list(self._say_findings(decision.findings))
        if decision.event == "message.received":
            data["said"] = self._take_text(decision)
        elif decision.event.startswith("consent."):
            lines += self._take_proofs(decision)
        message = self.messages.get(data.get("message.id", ""))
        about = {message.refs.order_id} if message and message.refs.order_id else set()
        about |= set(filter(None, data.get("order.id", "").split(",")))
        about |= set(self.orders.get(run_id, ()))
        said = [m for m in self.messages.values() if m.decided_at == decision.decided_at and not m.stands_in]
        return Entry(
            at=decision.decided_at.astimezone(self.zone),
            kind="event",
            text=_start(say_event(decision.event, data, self.zone)),
            lines=tuple(lines),
            journeys=tuple(dict.fromkeys(filter(None, (journey, *map(_name_journey, decision.findings))))),
            order_ids=tuple(sorted(about)),
            messages=tuple(filter(None, (data.get("message.id"), *(m.message_id for m in said)))),
            code=decision.event,
        )

    def _say_findings(self, findings: Sequence[Finding]) -> Iterator[Line]:
        """What is put off, and until when, is one thing."""
        skip = False
        for finding, following in zip(findings, [*findings[1:], None], strict=True):
            if skip:
                skip = False
                continue
            text, code = say_finding(finding, self.zone), _write_code(finding)
            skip = finding.verdict == "deferred" and following is not None and following.verdict == "waits"
            if skip and following is not None:
                text = f"{text} — {say_reason(following.why, self.zone)}"
                code = f"{code} {following.why}"
            yield Line(text, code)

    def _take_text(self, decision: DecisionRecord) -> str:
        for said in self.history.timeline:
            if said.at == decision.occurred_at and id(said) not in self._told:
                self._told.add(id(said))
                return said.text or said.data.get("type", "")
        return ""

    def _take_proofs(self, decision: DecisionRecord) -> Iterator[Line]:
        for consent in self.history.consents:
            wanted = (decision.data.get("channel"), decision.data.get("purpose"), decision.occurred_at)
            if (consent.channel, consent.purpose, consent.at) == wanted and id(consent) not in self._told:
                self._told.add(id(consent))
                yield Line(_say_proof(consent), consent.source)

    def _tell_message(self, kept: KeptMessage) -> Entry:
        message = kept.message
        return Entry(
            at=message.decided_at.astimezone(self.zone),
            kind="message",
            text=say_fate(message, self.zone),
            lines=tuple(tell_fate(kept, self.messages.values(), self.zone)),
            journeys=(message.journey,) if message.journey else (),
            order_ids=(message.refs.order_id,) if message.refs.order_id else (),
            messages=(message.message_id,),
            code=f"{message.state} {message.reason}".strip(),
        )

    # -- what no decision tells any more ----------------------------------------------------------------------------

    def _tell_consent(self, consent: ConsentEntry) -> Entry:
        verb = "agree to" if consent.given else "want no more"
        about = f"They {verb} {say_purpose(consent.purpose)} on {say_channel(consent.channel)}"
        open_ = ", which counts once they have confirmed it" if consent.needs_confirmation and consent.given else ""
        return Entry(
            at=consent.at.astimezone(self.zone),
            kind="consent",
            text=about + open_,
            lines=(Line(_say_proof(consent), consent.source),),
            order_ids=(consent.proof["order"],) if "order" in consent.proof else (),
            code=f"{consent.channel}:{consent.purpose}",
        )

    def _tell_timeline(self, said: TimelineEntry) -> Entry:
        text = said.text or said.data.get("type", "")
        return Entry(said.at.astimezone(self.zone), "said", f"They write on WhatsApp: “{text}”", code=said.kind)

    def _tell_file(self, file: MediaRecord) -> Entry:
        what = {"image": "a picture", "video": "a film", "audio": "a sound", "application": "a document"}
        kind = what.get(file.content_type.partition("/")[0], "a file")
        if file.refused:
            line = Line(f"It is not kept: {say_reason(file.refused)}", file.refused)
        else:
            agreed = ", and may be published" if file.may_publish else ""
            line = Line(f"It is kept: {file.content_type}, {file.size:,} bytes{agreed}", file.key)
        at = file.received_at.astimezone(self.zone)
        return Entry(at, "media", f"They send {kind}", lines=(line,), code=file.media_id)

    def _tell_run(self, run: FinishedRun) -> Entry:
        return Entry(
            at=run.ended_at.astimezone(self.zone),
            kind="run",
            text=f"{run.run.journey} ends: {say_reason(run.reason, self.zone)}",
            journeys=(run.run.journey,),
            order_ids=run.run.refs.get("order.id", ()),
            code=run.reason,
        )

    def _tell_goal(self, goal: GoalReached) -> Entry:
        arm = f", arm {goal.arm}" if goal.arm else ""
        text = f"The goal of {goal.journey} is reached by {goal.event}{arm}"
        return Entry(goal.at.astimezone(self.zone), "goal", text, journeys=(goal.journey,), code=goal.event)


def _say_proof(consent: ConsentEntry) -> str:
    proof = ", ".join(f"{name} {value}" for name, value in consent.proof.items() if name not in ("ip", "browser"))
    words = f": “{consent.wording}”" if consent.wording else ""
    return f"Source: {consent.source}{words}{f' ({proof})' if proof else ''}"


def _ends(decision: DecisionRecord) -> Iterator[Finding]:
    return (finding for finding in decision.findings if finding.verdict == "ended")


def _name_journey(finding: Finding) -> str:
    journey, dot, _ = finding.what.partition(".")
    return journey if dot and finding.verdict not in ("nothing to do", "ignored") else ""


def _write_code(finding: Finding) -> str:
    return " ".join(filter(None, (finding.what, finding.verdict, finding.why)))


def _start(sentence: str) -> str:
    return sentence[:1].upper() + sentence[1:]
