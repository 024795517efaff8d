"""What holds of every talk, whatever happened in it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import timedelta
from itertools import combinations, pairwise

from okaeri.adapters.customers import DynamoCustomers
from okaeri.domain.conversations import IN_CHARGE, MAX_HELD, STAFF_REPLY, TURN_TAKEN, ConversationState
from okaeri.domain.customers import Customer
from okaeri.domain.evidence import MessageReceived, StaffReplied
from okaeri.domain.messages import Message
from okaeri.domain.records import DecisionRecord
from okaeri.domain.surveys import is_survey
from okaeri.domain.values import Channel, make_id
from tests.happenings import Play
from tests.history_world import HistoryWorld
from tests.item_size import measure_item

MOST_BYTES = 8_192
SILENT = ("shadow", "not_a_test_address")  # recorded, and said to nobody
_SOON = timedelta(hours=1)  # a burst whose end was lost is read by the sweep within minutes
# What gives the talk to people, or ends what was being said, before it is read.
_CUTS = ("ticket.opened", "ticket.reopened", "letter.received", "staff.replied")


def watch_talks(world: HistoryWorld) -> None:
    """Has each message looked at in the moment in which it is decided."""
    create = world.messages.create
    spoken_by_shoppers = {d.journey for d in world.definitions.values() if TURN_TAKEN in d.events}

    def look(message: Message) -> object:
        if message.journey in spoken_by_shoppers:
            check_gives_way(world, message)
        return create(message)

    world.messages.create = look  # type: ignore[assignment,method-assign]  # the same, with a look at each


def check_gives_way(world: HistoryWorld, message: Message) -> None:
    """The assistant is silent while people are in charge, but for the run that handed over and for likely answers."""
    customer = world.customers.customers[message.store_id, message.customer_id]
    talk = customer.conversation
    if talk is None or talk.state not in IN_CHARGE or message.refs.ticket_id:
        return
    is_likely_answer = message.data.get("turn.tapped") and talk.state is ConversationState.WAITING
    handed_over = [ticket.opened_at for ticket in customer.open_tickets if ticket.ticket_id == talk.ticket_id]
    is_before = message.decided_at in handed_over  # another run of the same turn handed it over after this was said
    assert is_likely_answer or is_before, f"{message.journey} said {message.template} while a person is in charge"


def check_talks(play: Play) -> None:
    """After all is over."""
    check_turns(play)
    check_replies(play)
    check_owners(play)
    check_surveys(play)


def check_size(world: HistoryWorld) -> None:
    """The aggregate stays small, however much is said."""
    for customer in world.customers.customers.values():
        size = measure_customer(customer)
        assert size <= MOST_BYTES, f"{size} bytes of {len(customer.runs)} runs"


def measure_customer(customer: Customer) -> int:
    """Bytes of the item as DynamoDB counts them."""
    recorder = _Recorder()
    DynamoCustomers(recorder, "table").save(customer, sweep_at=None)  # type: ignore[arg-type]  # one call of it
    return measure_item(recorder.item)


class _Recorder:
    """A DynamoDB that only remembers what was put."""

    def put_item(self, **request: object) -> None:
        self.item: dict[str, dict[str, object]] = request["Item"]  # type: ignore[assignment]  # as boto3 is given it


# -- turns -------------------------------------------------------------------------------------------------------------


def check_turns(play: Play) -> None:
    """What was written is read in one turn, or left to a person, or cut short by STOP; no journey answers it twice."""
    records = play.world.records.decisions.values()
    taken = {record.event_id for record in records if record.event == TURN_TAKEN}
    words = [said for said in play.said if said.payload is None or said.payload.startswith("DO:")]
    read: Counter[str] = Counter()
    for group in _list_groups(words):
        if _name_turn(play, group) in taken:
            read.update(said.provider_id for said in group)
    assert set(read.values()) <= {1}, f"read twice: {read}"
    revoked = {said.reply_to for said in play.amended if said.amends == "revoke"}
    for said in words:
        if said.provider_id in read or said.provider_id in revoked or not _is_read_later(said, play, records):
            continue
        cuts = [record for record in records if said.at <= record.occurred_at <= said.at + _SOON and _cuts(record)]
        assert cuts, f"{said.text or said.type} at {said.at} was never read"
    for record in records:
        began = Counter(f.what for f in record.findings if f.what.endswith(".run") and f.verdict == "started")
        assert record.event != TURN_TAKEN or set(began.values()) <= {1}, f"answered twice by one journey: {began}"


def _is_read_later(said: MessageReceived, play: Play, records: Iterable[DecisionRecord]) -> bool:
    heard = make_id(play.world.store.store_id, "message.received", said.provider_id)
    found = (finding for record in records if record.event_id == heard for finding in record.findings)
    return any(finding.what == "turn" and finding.verdict == "read later" for finding in found)


def _cuts(record: DecisionRecord) -> bool:
    return record.event in _CUTS or record.data.get("keyword") in ("stop", "start")


def _list_groups(words: list[MessageReceived]) -> Iterator[tuple[MessageReceived, ...]]:
    """Every row of messages that may have been read as one: neighbours, perhaps without some that lie between."""
    for start in range(len(words)):
        near = [said for said in words[start:] if said.at - words[start].at <= _SOON]
        for end in range(1, len(near) + 1):
            yield tuple(near[:end])
        if len(near) <= 6:
            for end in range(1, len(near)):
                inner = near[1:end]
                for left in range(1, len(inner) + 1):
                    for without in combinations(inner, left):
                        yield (near[0], *(said for said in inner if said not in without), near[end])


def _name_turn(play: Play, read: tuple[MessageReceived, ...]) -> str:
    return make_id(play.world.store.store_id, TURN_TAKEN, *(said.provider_id for said in read))


# -- people ------------------------------------------------------------------------------------------------------------


def check_replies(play: Play) -> None:
    """What a person wrote is said once, or is held until the window opens, or its record says why not."""
    said = Counter(  # a stand-in on another channel says nothing more
        text
        for _, text in {
            (message.seed, message.data["reply.text"])
            for message in play.list_messages()
            if message.template == STAFF_REPLY and (message.free_form or message.channel is Channel.EMAIL)
        }
    )
    held = Counter(
        reply.text
        for customer in play.world.customers.customers.values()
        if customer.conversation is not None and customer.merged_into is None
        for reply in customer.conversation.held
    )
    refused = [finding for record in play.world.records.decisions.values() for finding in record.findings]
    is_refused = any(f.what == STAFF_REPLY and f.verdict == "not said" for f in refused)
    for reply in play.replies:
        count = said[reply.text] + held[reply.text]
        assert count <= 1, f"{reply.text} was said {said[reply.text]} times, and is held {held[reply.text]} times"
        is_pushed_out = len(play.replies) > MAX_HELD  # of more that wait for one window the oldest are let go
        is_let_go = is_refused or is_pushed_out or _is_planned(reply, play)
        assert count or is_let_go, f"{reply.text} was lost"


def _is_planned(reply: StaffReplied, play: Play) -> bool:
    """A planned reply is a run, whose own record says why it ended."""
    scheduled = make_id("reply.scheduled", reply.reply_id)
    return any(record.event_id == scheduled for record in play.world.records.decisions.values())


# -- all messages ------------------------------------------------------------------------------------------------------


def check_owners(play: Play) -> None:
    """No message speaks of an order that is another customer's."""
    world = play.world
    alive = {name: customer.merged_into for (_, name), customer in world.customers.customers.items()}

    def find_owner(name: str | None) -> str | None:
        while name is not None and (kept := alive.get(name)):
            name = kept
        return name

    for message in play.list_messages():
        order = world.records.orders.get((message.store_id, message.refs.order_id or ""))
        if order is not None:
            assert find_owner(order.customer_id) == find_owner(message.customer_id), f"{message.template} of another's"


def check_surveys(play: Play) -> None:
    """Nobody is asked by two surveys within the shop's gap."""
    world = play.world
    surveys = {definition.journey for definition in world.definitions.values() if is_survey(definition)}
    first: dict[str, Message] = {}  # by run: one that asked before two records were joined goes on
    for message in play.list_messages():
        if message.journey in surveys and message.run_id and message.reason not in SILENT:
            first.setdefault(message.run_id, message)
    asked = sorted(first.values(), key=lambda message: (message.customer_id, message.decided_at))
    gap = world.store.settings.survey_gap
    for before, after in pairwise(asked):
        is_same = before.customer_id == after.customer_id
        assert not is_same or after.decided_at - before.decided_at >= gap, f"surveyed by {before.journey}, and again"
