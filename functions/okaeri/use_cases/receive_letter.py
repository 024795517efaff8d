"""Takes an e-mail that SES has put into our bucket: who wrote to which store, what is new in it, and its files."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from okaeri.domain.contact_data import normalise_email
from okaeri.domain.evidence import Attachment, Envelope, LetterReceived
from okaeri.domain.languages import guess_locale
from okaeri.domain.letters import (
    MAX_FILES,
    MAX_NAME,
    MAX_SUBJECT,
    MAX_TEXT,
    Addressee,
    Mail,
    MailFile,
    MailNotice,
    find_order_name,
    is_photo,
    is_proven,
    judge_mail,
    judge_notice,
)
from okaeri.domain.media import judge_file, name_media_key
from okaeri.domain.stores import Store
from okaeri.domain.values import make_id
from okaeri.use_cases.keep_media import RecogniseFile

if TYPE_CHECKING:
    from okaeri.ports import Clock, Log, MediaStore, Queues, Stores

MAILS = "mail/"  # what the keys of mails begin with, as SES puts them

ReadMail = Callable[[bytes], Mail]


class ReplyAddresses(Protocol):
    """The addresses at which letters arrive."""

    def read(self, address: str) -> Addressee | None:
        """To whom a letter goes that reached this address; None for one that is none of ours."""


class FindTicketOwner(Protocol):
    """Whose a ticket is; None where it is no more."""

    def __call__(self, store_id: str, ticket_id: str) -> str | None: ...


@dataclass(frozen=True)
class ReceiveLetter:
    """From a notice of SES to the events queue. `read_mail` knows MIME; `recognise` what a file is by its content."""

    stores: Stores
    addresses: ReplyAddresses
    find_ticket_owner: FindTicketOwner
    media: MediaStore
    read_mail: ReadMail
    recognise: RecogniseFile
    queues: Queues
    clock: Clock
    log: Log

    def __call__(self, notice: MailNotice) -> None:
        """Raises TryAgain where bucket, table or queue cannot be reached, GiveUp("media_gone") where there is no mail.

        What no customer wrote is dropped with a line in the log: no person waits for an answer to it.
        """
        if why := judge_notice(notice.verdicts):
            return self._drop(notice, why)
        addressee = next((found for to in notice.recipients if (found := self.addresses.read(to))), None)
        store = self.stores.get(addressee.store_id) if addressee else None
        if addressee is None or store is None:
            return self._drop(notice, "addressee_unknown")
        mail = self.read_mail(self.media.get(f"{MAILS}{notice.mail_id}")[1])
        if why := judge_mail(mail, notice.envelope_from):
            return self._drop(notice, why, store)
        sender = normalise_email(mail.sender)
        if sender is None:
            return self._drop(notice, "sender_unknown", store)
        if sender == normalise_email(store.from_email) or self.addresses.read(sender):
            return self._drop(notice, "our_own", store)
        letter = self._write_letter(mail, sender, notice, addressee, store)
        envelope = Envelope(
            id=make_id("letter", store.store_id, letter.letter_id),
            store_id=store.store_id,
            source="email",
            received_at=self.clock(),
            evidence=letter,
        )
        self.queues.send_evidence([envelope])
        extra = {"store": store.store_id, "mail": notice.mail_id, "threaded": letter.ticket_id is not None}
        self.log.info("letter", extra=extra | {"files": len(letter.attachments), "proven": letter.is_proven})
        return None

    def _write_letter(
        self, mail: Mail, sender: str, notice: MailNotice, addressee: Addressee, store: Store
    ) -> LetterReceived:
        letter_id = mail.message_id or notice.mail_id
        ticket_id, customer_id = addressee.ticket_id, None
        if ticket_id is not None:
            customer_id = self.find_ticket_owner(store.store_id, ticket_id)
        attachments = tuple(self._keep_files(mail, notice.mail_id, store))
        # An answer in words goes to a person, like any other letter of whoever wrote it.
        is_shown = addressee.question is not None and any(file.is_photo for file in attachments)
        if is_shown:
            customer_id = addressee.customer_id
        subject, text = mail.subject[:MAX_SUBJECT], mail.text[:MAX_TEXT]
        return LetterReceived(
            letter_id=letter_id,
            via="email",
            at=notice.at,
            email=sender,
            name=mail.name[:MAX_NAME],
            subject=subject,
            text=text,
            order_name=find_order_name(subject, text),
            locale=guess_locale(text or subject, store),
            attachments=attachments,
            is_proven=is_proven(notice.verdicts),
            ticket_id=ticket_id if customer_id is not None else None,
            question=addressee.question if is_shown else None,
            customer_id=customer_id,
        )

    def _keep_files(self, mail: Mail, mail_id: str, store: Store) -> Iterator[Attachment]:
        """Named by SES's own id of the mail: its Message-ID is whatever the sender wrote there."""
        for number, file in enumerate(mail.files[:MAX_FILES]):
            yield self._keep_file(file, f"{mail_id}/{number}", mail_id, store)
        for file in mail.files[MAX_FILES:]:
            yield _describe(file, refused="too_many")

    def _keep_file(self, file: MailFile, media_id: str, mail_id: str, store: Store) -> Attachment:
        candidates: Sequence[str] = self.recognise(file.body)
        judgement = judge_file(file.content_type, candidates, len(file.body))
        if judgement.refused:
            self.log.warning("file not kept", extra={"store": store.store_id, "reason": judgement.refused})
            return _describe(file, refused=judgement.refused)
        key = name_media_key(store.store_id, mail_id, media_id, judgement.content_type)
        self.media.put(key, file.body, content_type=judgement.content_type)
        described = _describe(file, key=key, content_type=judgement.content_type)
        return described.model_copy(update={"is_photo": is_photo(file, judgement.content_type)})

    def _drop(self, notice: MailNotice, why: str, store: Store | None = None) -> None:
        extra = {"mail": notice.mail_id, "reason": why, "store": store.store_id if store else ""}
        self.log.info("letter dropped", extra=extra)


def _describe(file: MailFile, *, key: str = "", content_type: str = "", refused: str = "") -> Attachment:
    return Attachment(
        media_key=key,
        content_type=content_type or file.content_type[:100],
        name=file.name[:255],
        size=len(file.body),
        refused=refused,
    )
