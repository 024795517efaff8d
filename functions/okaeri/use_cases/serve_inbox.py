"""The shop's one inbox: everything that its people see and do, by whichever door (HTTP or the command)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from okaeri.use_cases.admit_staff import AdmitStaff
from okaeri.use_cases.answer_customer import AnswerCustomer
from okaeri.use_cases.give_remedy import GiveRemedy
from okaeri.use_cases.handle_ticket import HandleTicket
from okaeri.use_cases.keep_staff_file import KeepStaffFile
from okaeri.use_cases.read_inbox import ReadInbox

if TYPE_CHECKING:
    from okaeri.ports import Staff, Stores


@dataclass(frozen=True)
class ServeInbox:
    """The use cases of the inbox, together."""

    stores: Stores
    staff: Staff
    admit: AdmitStaff
    read: ReadInbox
    answer: AnswerCustomer
    handle: HandleTicket
    remedy: GiveRemedy
    keep_file: KeepStaffFile
