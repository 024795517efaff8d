"""Surveys as shoppers meet them: asked after an order or a ticket, answered in the chat or on a mail's page."""

from __future__ import annotations

from dataclasses import dataclass

from okaeri.adapters.interpreter import CatalogueInterpreter
from okaeri.domain.evidence import AnswerGiven, TicketSolved
from okaeri.domain.messages import Message
from okaeri.domain.orders import OptIn, ShipmentStatus
from okaeri.domain.records import Response, Ticket
from simulator.knowledge import MemoryKnowledge
from simulator.stores import MemoryStores
from tests.talks import Talk
from tests.unit.journeys.shelves import open_store
from tests.world import ORDER_OPT_IN, World, make_order


@dataclass
class Survey(Talk):
    """A shop in which one survey is on, in the place of what else asks."""

    def deliver(self, order_id: str = "5001", opt_ins: tuple[OptIn, ...] = (ORDER_OPT_IN,)) -> Survey:
        """An order is placed and arrives."""
        self.world.order(make_order(order_id, created_at=self.world.clock(), opt_ins=opt_ins))
        self.world.ship(order_id, ShipmentStatus.SHIPPED)
        self.world.wait(hours=5)
        self.world.ship(order_id, ShipmentStatus.DELIVERED)
        return self

    def wait(self, **span: float) -> Survey:
        """Time passes."""
        self.world.wait(**span)
        return self

    def reply(self, answer: str, template: str) -> Survey:
        """The quick reply under the question on WhatsApp."""
        self.world.write("…", payload=f"ANSWER:{self.find(template).seed}:{answer}")
        return self

    def press(self, answer: str, template: str) -> Survey:
        """The page that the question's mail leads to."""
        question = self.find(template)
        given = AnswerGiven(customer_id=question.customer_id, ask=question.seed, answer=answer, at=self.world.clock())
        self.world.hear(given, source="answer_page")
        return self

    def solve(self, ticket: Ticket) -> Survey:
        """A person of the shop has solved it."""
        solved = TicketSolved(
            customer_id=ticket.customer_id, ticket_id=ticket.ticket_id, outcome="answered", at=self.world.clock()
        )
        self.world.hear(solved, source="inbox")
        return self

    def find(self, template: str) -> Message:
        """The latest message of this template."""
        return [message for message in self.world.list_messages() if message.template == template][-1]

    def asked(self) -> list[str]:
        """What the surveys said, on whichever channel."""
        return [name for name in self.world.told() if name.startswith(("survey", "nps", "rating"))]

    def response(self) -> Response:
        """The only response."""
        [response] = self.world.records.responses.values()
        return response


def open_survey(name: str) -> Survey:
    """The survey is on; nothing else asks of itself."""
    store = open_store(name, off=("review-request",))
    return Survey(World(store=store, interpreter=CatalogueInterpreter(MemoryKnowledge(MemoryStores(store)))))
