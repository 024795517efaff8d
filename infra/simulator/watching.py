"""Keeps a log of what a living world decides, says and holds back, as it happens."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from okaeri.domain.messages import MessageState
from okaeri.domain.values import Channel
from simulator.living import LivingWorld
from simulator.result import Decided, Entry, Happened, Held, Said, StillWaiting
from simulator.senders import Delivered

_NOT_SAID = (MessageState.SUPPRESSED, MessageState.EXPIRED, MessageState.FAILED, MessageState.PARKED)


class Watch:
    """Looks at the world whenever something may have changed, and notes what is new since the last look."""

    def __init__(self, world: LivingWorld) -> None:
        self.world = world
        self.log: list[Entry] = []
        self._decisions = self._arrivals = self._moves = self._acts = 0
        world.watch = self._look

    def tell(self, text: str) -> None:
        """Notes a line of the story itself."""
        self.log.append(Happened(self.world.clock(), text))

    def list_buttons(self, message: Delivered) -> dict[int, str]:
        """The words on a WhatsApp message's buttons, by their index."""
        if message.labels:
            return dict(message.labels)
        found = self.world.messages.messages[message.key]
        template = self.world.templates.get(found.store_id, found.template, found.locale)
        if template is None or template.whatsapp is None or message.channel is not Channel.WHATSAPP or found.free_form:
            return {}
        return {index: button.text for index, button in enumerate(template.whatsapp.buttons)}

    def list_log(self, zone: ZoneInfo) -> tuple[Entry, ...]:
        """Everything so far, by the clock of that zone."""

        def move(entry: Entry) -> Entry:
            moved = replace(entry, at=entry.at.astimezone(zone))
            return replace(moved, until=_localise(moved.until, zone)) if isinstance(moved, Held) else moved

        return tuple(map(move, self.log))

    def list_waiting(self, zone: ZoneInfo) -> tuple[StillWaiting, ...]:
        """The runs that have not come to their end."""
        return tuple(
            StillWaiting(run.journey, run.step, _localise(run.waiting.due, zone), run.waiting.events)
            for run in self.world.customer().runs
            if run.waiting
        )

    def _look(self) -> None:
        now, world = self.world.clock(), self.world
        decisions = list(world.records.decisions.values())
        for decision in decisions[self._decisions :]:
            self.log.append(Decided(now, decision.event, decision.findings))
        self._decisions = len(decisions)
        for at, words in world.acts.carried_out[self._acts :]:
            self.log.append(Happened(at, words))
        self._acts = len(world.acts.carried_out)
        for message in world.outside.arrived[self._arrivals :]:
            self.log.append(self._describe(message))
        self._arrivals = len(world.outside.arrived)
        for message_id, state, reason in world.messages.moves[self._moves :]:
            if state in _NOT_SAID:
                found = next(held for held in world.messages.messages.values() if held.message_id == message_id)
                until = found.parked_until if state is MessageState.PARKED else None
                self.log.append(Held(now, found.channel, found.template, state, reason, until))
        self._moves = len(world.messages.moves)

    def _describe(self, message: Delivered) -> Said:
        found = self.world.messages.messages[message.key]
        return Said(
            at=message.at,
            channel=message.channel,
            template=found.template,
            locale=found.locale,
            journey=found.journey or "",
            to=message.to,
            text=message.text,
            subject=message.subject,
            buttons=tuple(self.list_buttons(message).values()),
        )


def _localise(moment: datetime | None, zone: ZoneInfo) -> datetime | None:
    return moment.astimezone(zone) if moment else None
