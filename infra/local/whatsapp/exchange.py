"""Carries messages between the business and the phones: statuses out, replies in, templates reviewed."""

import re
from dataclasses import dataclass, field
from typing import Any

from local.control import Faults, refuse

from . import notices
from .clock import Clock, Timetable
from .errors import GraphError
from .orders import AccountOrder, HoldOrder, NumberOrder, PreferenceOrder, ReplyOrder
from .rendering import Shown
from .sending import Accepted
from .state import Conversation, Message, Number, Person, State, Template, make_message_id
from .utterances import say
from .webhooks import Webhooks

type Json = dict[str, Any]


@dataclass
class Exchange:
    """The moving parts of one stand-in."""

    state: State
    clock: Clock = field(default_factory=Clock)
    faults: Faults = field(default_factory=Faults)

    def __post_init__(self) -> None:
        self.timetable = Timetable(self.clock)
        self.webhooks = Webhooks(self.state, self.clock, self.timetable)

    def reset(self) -> None:
        """Nothing was said, nobody is known, no fault waits; templates and configuration stay."""
        self.state.forget()
        self.faults.clear()
        self.timetable.clear()
        self.webhooks.forget()
        for template in self.state.templates.values():
            if template.status == "PENDING":
                self.review_later(template)

    # Business to phone

    def deliver(self, accepted: Accepted) -> None:
        """Plan the statuses of a message that was accepted."""
        timing, message = self.state.timing, accepted.message
        if accepted.refusal is not None:
            message.status, message.error = "failed", accepted.refusal.to_status_error()
            self.state.version += 1
            self.timetable.call_later(
                timing.sent_s,
                lambda: self.tell_status(accepted.conversation, message, "failed", self.clock.now()),
            )
            return
        if message.held:
            return
        self.plan_statuses(accepted.conversation, message)

    def plan_statuses(self, conversation: Conversation, message: Message) -> None:
        """Sent, delivered and read, as the timing has it."""
        timing, begun = self.state.timing, self.clock.now()
        plan = [("sent", timing.sent_s)]
        if message.type != "reaction" and not conversation.person.offline:
            plan.append(("delivered", timing.delivered_s))
            if timing.read_s is not None:
                plan.append(("read", max(timing.read_s, timing.delivered_s)))
        moments = [delay for _, delay in plan]
        for position, (status, delay) in enumerate(plan):
            at = begun + delay
            webhook_delay = moments[-1 - position] if timing.shuffled else delay
            self.plan_status(conversation, message, status, delay, webhook_delay, at)

    def plan_status(
        self,
        conversation: Conversation,
        message: Message,
        status: str,
        delay: float,
        webhook_delay: float,
        at: float,
    ) -> None:
        """The status is reached after `delay` and told after `webhook_delay`, unless the page was quicker."""

        def reach() -> None:
            message.reach(status)
            self.state.version += 1

        def tell() -> None:
            if status not in message.told:
                self.tell_status(conversation, message, status, at)

        self.timetable.call_later(delay, reach)
        self.timetable.call_later(webhook_delay, tell)

    def tell_status(self, conversation: Conversation, message: Message, status: str, at: float) -> None:
        """By webhook, late and doubled as ordered."""
        timing = self.state.timing
        message.told.add(status)
        if timing.none:
            return
        value = notices.build_status(conversation, message, status, at)
        for copy in range(2 if timing.doubled else 1):
            self.timetable.call_later(
                timing.late_s + copy * 0.05,
                lambda: self.webhooks.send(conversation.number.waba_id, "messages", value),
            )

    def see(self, conversation: Conversation) -> None:
        """Somebody looks at the conversation on the phone page: what was delivered is read."""
        for message in conversation.messages:
            if message.outgoing and message.status == "delivered" and "read" not in message.told:
                message.reach("read")
                self.state.version += 1
                self.tell_status(conversation, message, "read", self.clock.now())

    # Phone to business

    def find_business(self, name: str | None, person: Person) -> Number:
        """The number that a reply names, else the one that wrote last to this person, else the only one."""
        if name:
            number = self.state.find_number(name)
            if number is None:
                raise refuse(f"to: no business number {name!r}; known: {', '.join(self.state.numbers)}")
            return number
        talks = [c for c in self.state.conversations.values() if c.person is person and c.messages]
        if talks:
            return max(talks, key=lambda c: c.messages[-1].at).number
        if len(self.state.numbers) == 1:
            return next(iter(self.state.numbers.values()))
        raise refuse("to: say which business number, by phone_number_id or display number")

    def receive(self, order: ReplyOrder) -> tuple[Conversation, Message]:
        """A person writes, taps or sends; the business hears of it by webhook."""
        person = self.state.know_person(read_sender(order.sender), order.user_id)
        person.name = order.name or person.name
        number = self.find_business(order.to, person)
        conversation = self.state.open_conversation(person, number)
        message = Message(
            id=make_message_id(person),
            outgoing=False,
            at=self.clock.now(),
            type="text",
            shown=Shown(),
            to=number.phone,
            phone_number_id=number.facts.phone_number_id,
            status="received",
            context_id=order.reply_to,
        )
        content = say(self.state, conversation, message, order)
        if message.context_id:
            quoted = self.state.messages.get(message.context_id)
            mine = quoted is not None and not quoted.outgoing
            writer = person.shown_wa_id if mine else number.phone.removeprefix("+")
            content["context"] = {"id": message.context_id} | ({"from": writer} if writer else {})
        if order.referral is not None:
            content["referral"] = order.referral
            conversation.came_by_ad_at, conversation.free_until = message.at, None
        conversation.last_inbound_at = message.at
        number.sent_at.append(message.at)
        self.see(conversation)
        self.state.add_message(conversation, message)
        value = notices.build_inbound(conversation, message, content)
        self.webhooks.send(number.waba_id, "messages", value)
        return conversation, message

    def prefer(self, order: PreferenceOrder) -> None:
        """The person stops or resumes marketing in WhatsApp's settings."""
        person = self.state.know_person(read_sender(order.sender), order.user_id)
        number = self.find_business(order.to, person)
        if order.value == "stop":
            person.marketing_stopped.add(number.waba_id)
        else:
            person.marketing_stopped.discard(number.waba_id)
        self.state.version += 1
        value = notices.build_preference(number, person, order.value, self.clock.now())
        self.webhooks.send(number.waba_id, "user_preferences", value)

    # What Meta thinks of a business

    def hold(self, order: HoldOrder) -> int:
        """From now on templates are held back; or what was held goes out, or is dropped. How many were."""
        self.state.holding = order.on
        held = [(c, m) for c in self.state.conversations.values() for m in c.messages if m.held]
        if order.on:
            return len(held)
        for conversation, message in held:
            message.held = False
            if order.drop:
                message.status = "failed"
                message.error = GraphError(132015, "Dropped after a look at its template.").to_status_error()
                self.tell_status(conversation, message, "failed", self.clock.now())
            else:
                self.plan_statuses(conversation, message)
        return len(held)

    def judge_number(self, order: NumberOrder) -> None:
        """Quality, limit or throughput of a number change; the business hears of it."""
        number = self.state.find_number(order.phone_number_id)
        if number is None:
            raise refuse(f"phone_number_id: known are {', '.join(self.state.numbers)}")
        changes = {"quality_rating": order.quality, "messaging_limit": order.messaging_limit}
        number.facts = number.facts.model_copy(update={k: v for k, v in changes.items() if v is not None})
        if order.event:
            value = notices.build_number_quality(number, order.event)
            self.webhooks.send(number.waba_id, "phone_number_quality_update", value)
        if order.messaging_limit:
            value = notices.build_capability(order.messaging_limit)
            self.webhooks.send(number.waba_id, "business_capability_update", value)

    def judge_account(self, order: AccountOrder) -> None:
        """A restriction or a ban; the business hears of it."""
        if self.state.find_account(order.waba_id) is None:
            raise refuse(f"waba_id: no account {order.waba_id!r}")
        until = self.clock.now() + order.expires_in_s if order.expires_in_s is not None else None
        value = notices.build_account_update(order.event, order.restriction, until, order.ban_state)
        self.webhooks.send(order.waba_id, "account_update", value)

    # Templates

    def set_template_quality(self, template: Template, quality: str) -> None:
        """Shoppers like it, or they do not."""
        previous, template.quality = template.quality, quality
        value = notices.build_template_quality(template, previous, quality)
        self.webhooks.send(template.waba_id, "message_template_quality_update", value)

    def review_later(self, template: Template) -> None:
        """Meta looks at a new or changed template after a moment."""
        self.timetable.call_later(
            self.state.configuration.template_review_s, lambda: self.set_template_status(template, "APPROVED")
        )

    def set_template_status(self, template: Template, status: str, reason: str | None = None) -> None:
        """And tell the business."""
        if template.id in self.state.templates:
            template.status, template.rejected_reason = status, reason or "NONE"
            value = notices.build_template_status(template, status)
            self.webhooks.send(template.waba_id, "message_template_status_update", value)

    def set_template_category(self, template: Template, category: str) -> None:
        """Meta thinks otherwise of what a template is."""
        previous = template.category
        template.definition["category"] = category
        value = notices.build_template_category(template, previous)
        self.webhooks.send(template.waba_id, "template_category_update", value)


def read_sender(text: str | None) -> str | None:
    """E.164 of a phone as people write it."""
    return "+" + re.sub(r"\D", "", text) if text else None


def describe_fault(code: int | str) -> GraphError:
    """The error that a fault orders."""
    return GraphError(int(code), "This error was ordered through the control API.")
