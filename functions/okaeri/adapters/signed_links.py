"""Signed tokens for the links that leave in messages: `<store id>.<token>`, so that a page knows whose key to fetch.

The key is the store's own (SecureString `…/stores/{store_id}/links`). A token says what it is for by its salt:
a link can't be used to unsubscribe anybody, and neither passes with another store's key or name.
"""

from __future__ import annotations

import hashlib
import hmac
from typing import Any, NamedTuple

from itsdangerous import BadData, URLSafeSerializer

from okaeri.errors import RefuseRequest

_LINK = "okaeri.link"
_UNSUBSCRIBE = "okaeri.unsubscribe"
_CONFIRM = "okaeri.confirm"
_ANSWER = "okaeri.answer"
_FORM = "okaeri.form"


class Confirmation(NamedTuple):
    """Whose sign-up a link confirms, by which message it was asked, and when (seconds since 1970)."""

    store_id: str
    customer_id: str
    message_id: str
    asked_at: int


class AnswerTicket(NamedTuple):
    """Whose answer a link gives to which question, as its button says it, until when (seconds since 1970)."""

    customer_id: str
    question: str
    answer: str
    text: str
    locale: str
    until: int


class Link(NamedTuple):
    """Where a link leads, and whose message it stands in; the ids are empty where it stands in none."""

    url: str
    customer_id: str = ""
    message_id: str = ""


class Unsubscribe(NamedTuple):
    """Whom an unsubscribe link is for, and on which channel."""

    store_id: str
    customer_id: str
    channel: str


def name_store(token: str) -> str:
    """The store that a token claims to be of; read it with that store's key to be sure. No token: RefuseRequest 404."""
    store_id, dot, rest = token.partition(".")
    if not (store_id and dot and rest):
        raise _refuse()
    return store_id


def sign_link(store_id: str, url: str, key: str, *, message: tuple[str, str] | None = None) -> str:
    """The suffix after `{PUBLIC_URL}/l/` that leads to `url`; `message` is the one that it stands in, as in `Link`."""
    return _sign(store_id, [url, *message] if message else url, key, _LINK)


def read_link(token: str, key: str) -> Link:
    """Where the token leads. Not ours, changed, or of another store: RefuseRequest 404."""
    match _read(token, key, _LINK):
        case str(url):
            link = Link(url)
        case [str(url), str(customer_id), str(message_id)]:
            link = Link(url, customer_id, message_id)
        case _:
            raise _refuse()
    if not link.url.startswith(("https://", "http://")):
        raise _refuse()
    return link


def sign_unsubscribe(store_id: str, customer_id: str, channel: str, key: str) -> str:
    """The suffix after `{PUBLIC_URL}/u/` by which this customer leaves this channel's marketing; it does not expire."""
    return _sign(store_id, [customer_id, channel], key, _UNSUBSCRIBE)


def read_unsubscribe(token: str, key: str) -> Unsubscribe:
    """Whom the token is for. Not ours, changed, or of another store: RefuseRequest 404."""
    match _read(token, key, _UNSUBSCRIBE):
        case [str(customer_id), str(channel)]:
            return Unsubscribe(name_store(token), customer_id, channel)
        case _:
            raise _refuse()


def sign_confirmation(store_id: str, customer_id: str, message_id: str, asked_at: int, key: str) -> str:
    """The suffix after `{PUBLIC_URL}/c/` by which this customer confirms the sign-up that the message asks about."""
    return _sign(store_id, [customer_id, message_id, str(asked_at)], key, _CONFIRM)


def read_confirmation(token: str, key: str) -> Confirmation:
    """What the token confirms. Not ours, changed, or of another store: RefuseRequest 404."""
    match _read(token, key, _CONFIRM):
        case [str(customer_id), str(message_id), str(asked_at)] if asked_at.isdecimal():
            return Confirmation(name_store(token), customer_id, message_id, int(asked_at))
        case _:
            raise _refuse()


def sign_answer(store_id: str, ticket: AnswerTicket, key: str) -> str:
    """The suffix after `{PUBLIC_URL}/a/` by which this customer gives this answer."""
    return _sign(store_id, [*ticket[:-1], str(ticket.until)], key, _ANSWER)


def read_answer(token: str, key: str) -> AnswerTicket:
    """What the token answers. Not ours, changed, or of another store: RefuseRequest 404."""
    match _read(token, key, _ANSWER):
        case [str(customer_id), str(question), str(answer), str(text), str(locale), str(until)] if until.isdecimal():
            return AnswerTicket(customer_id, question, answer, text, locale, int(until))
        case _:
            raise _refuse()


def sign_form(store_id: str, at: int, key: str) -> str:
    """What a form of this store carries: that we made it, and when (seconds since 1970)."""
    return _open_serializer(store_id, key, _FORM).dumps(at)


def read_form(store_id: str, stamp: str, key: str) -> int:
    """When the form was made. Not ours, changed, or of another store: RefuseRequest 404."""
    try:
        at = _open_serializer(store_id, key, _FORM).loads(stamp)
    except BadData as error:
        raise _refuse() from error
    if not isinstance(at, int):
        raise _refuse()
    return at


def hash_visitor(trait: str, key: str) -> str:
    """A visitor's address or browser as 16 hex digits: proves who it was to whoever knows both, tells nobody else."""
    return hmac.new(key.encode(), trait.encode(), hashlib.sha256).hexdigest()[:16]


def _open_serializer(store_id: str, key: str, purpose: str) -> URLSafeSerializer:
    # The store's name is in the salt: one store's token under another's name does not verify.
    return URLSafeSerializer(key, salt=f"{purpose}.{store_id}", signer_kwargs={"digest_method": hashlib.sha256})


def _sign(store_id: str, payload: str | list[str], key: str, purpose: str) -> str:
    if not store_id or "." in store_id:
        raise ValueError("a store id is not empty and holds no dot")
    return f"{store_id}.{_open_serializer(store_id, key, purpose).dumps(payload)}"


def _read(token: str, key: str, purpose: str) -> Any:
    store_id = name_store(token)
    try:
        return _open_serializer(store_id, key, purpose).loads(token.partition(".")[2])
    except BadData as error:
        raise _refuse() from error


def _refuse() -> RefuseRequest:
    return RefuseRequest(404, "link_unknown", "This link is not complete.", fix="Open it from the message again.")
