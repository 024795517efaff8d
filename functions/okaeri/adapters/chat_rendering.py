"""Says a template's `chat` over a message's context, so that Meta takes it whatever the values are. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from okaeri.adapters.locale_formats import clean_url, cut_text
from okaeri.adapters.template_engine import render_text
from okaeri.domain.chat_limits import (
    BODY_LIMIT,
    BUTTON_ID_LIMIT,
    BUTTON_TITLE_LIMIT,
    FOOTER_LIMIT,
    HEADER_LIMIT,
    MOST_BUTTONS,
    MOST_ROWS,
    ROW_DESCRIPTION_LIMIT,
    ROW_ID_LIMIT,
    ROW_TITLE_LIMIT,
    TEXT_LIMIT,
    URL_LIMIT,
)
from okaeri.domain.templates import (
    ANSWER,
    ChatButton,
    ChatLink,
    ChatList,
    ChatMedia,
    ChatProduct,
    ChatRow,
    ChatText,
    Template,
    WhatsappContent,
    read_answer,
)
from okaeri.errors import GiveUp

_LONGEST_FILE_NAME = 240
_LONGEST_ITEM = 100  # characters of a content id in Meta's catalogue


def render_chat(template: Template, context: dict[str, Any], *, media_key: str | None = None) -> WhatsappContent:
    """The finished message and its text as the shopper reads it. What comes out empty is left out. Unfit: GiveUp.

    `media_key` is a file of ours that goes along, in the place of the template's own picture.
    """
    if template.chat is None:
        raise GiveUp("template_without_chat", f"{template.name}/{template.locale}")
    return _Chat(template.chat, context, f"{template.name}/{template.locale} chat", media_key).render()


class _Chat:
    """One rendering."""

    def __init__(self, chat: ChatText, context: dict[str, Any], where: str, media_key: str | None) -> None:
        self._chat, self._context, self._where, self._media_key = chat, context, where, media_key

    def render(self) -> WhatsappContent:
        chat, body = self._chat, self._say(self._chat.body, "body")
        rows, buttons = self._list_rows(), self._list_buttons()
        if is_short(rows) and len(body) <= BODY_LIMIT:
            # Three taps beside one another beat a list behind a button.
            buttons, rows = [ChatButton(text=row.text, payload=row.payload) for row in rows], []
        product = None if self._media_key else self._fill_product()
        link = None if product else self._fill_link()
        has_taps = bool(rows or buttons or link or product or chat.location_request)
        is_bare = bool(rows or self._media_key or product or chat.location_request)
        media = None if is_bare else self._fill_media()
        is_caption = bool(media or self._media_key)
        header, footer = self._say_line(chat.header, "header"), self._say_line(chat.footer, "footer")
        if has_taps and not chat.location_request:
            # Media stands in the place of a header.
            header = "" if is_caption or product else cut_text(header, HEADER_LIMIT)
            footer = cut_text(footer, FOOTER_LIMIT)
        else:
            # Text alone, a picture's caption and a request for a place have neither header nor footer of their own.
            body, header, footer = "\n\n".join(filter(None, (header, body, footer))), "", ""
        body = cut_text(body, BODY_LIMIT if is_caption or (has_taps and not rows) else TEXT_LIMIT)
        if not body and (has_taps or not is_caption):
            raise GiveUp("template_empty", f"{self._where} says nothing")
        said = ChatText(
            header=header,
            body=body,
            footer=footer,
            buttons=tuple(buttons),
            list=self._fill_list(rows),
            link=link,
            media=media,
            product=product,
            location_request=chat.location_request,
        )
        text = "\n\n".join(filter(None, (header, body, footer)))
        return WhatsappContent(text=text, chat=said, media_key=self._media_key)

    def _fill_list(self, rows: list[ChatRow]) -> ChatList | None:
        if self._chat.list is None or not rows:
            return None
        return ChatList(button=self._label(self._chat.list.button, "list.button"), rows=tuple(rows))

    def _list_buttons(self) -> list[ChatButton]:
        buttons = [
            ChatButton(text=self._label(button.text, f"buttons.{index}"), payload=self._address(button.payload, index))
            for index, button in enumerate(self._chat.buttons)
        ]
        kept: list[ChatButton] = []
        for button in buttons:
            # Meta wants each title and each id once.
            if button.text and all(button.text != other.text and button.payload != other.payload for other in kept):
                kept.append(button)
        return kept[:MOST_BUTTONS]

    def _list_rows(self) -> list[ChatRow]:
        """The question's own rows first; as many of them as leave room for the template's."""
        chat_list = self._chat.list
        if chat_list is None:
            return []
        fixed = [
            make_row(
                self._say_line(row.text, f"list.rows.{index}"),
                self._address(row.payload, index),
                self._say_line(row.description, f"list.rows.{index}"),
            )
            for index, row in enumerate(chat_list.rows)
        ]
        fixed = [row for row in fixed if row.text][:MOST_ROWS]
        ours = {row.text for row in fixed}
        chosen = [row for row in self._list_choices() if row.text not in ours] if chat_list.choices else []
        # Meta wants each id once.
        return list({row.payload: row for row in (*chosen[: MOST_ROWS - len(fixed)], *fixed)}.values())

    def _list_choices(self) -> list[ChatRow]:
        question = self._context["links"].question
        rows = [
            make_row(option["title"], f"{ANSWER}{question}:{option['id']}", option["description"])
            for option in self._context["options"]
        ]
        return [row for row in rows if row.text]

    def _address(self, payload: str, index: int) -> str:
        """An answer names its question; what else a button says stands as it is."""
        answer = read_answer(payload)
        if answer is None:
            return self._say_line(payload, f"payload {index}")
        return f"{ANSWER}{self._context['links'].question}:{answer}"

    def _fill_link(self) -> ChatLink | None:
        link = self._chat.link
        url = clean_url(self._say(link.url, "link.url")) if link else ""
        if link is None or not 0 < len(url) <= URL_LIMIT:
            return None
        return ChatLink(text=self._label(link.text, "link.text"), url=url)

    def _fill_product(self) -> ChatProduct | None:
        product = self._chat.product
        if product is None:
            return None
        catalog = self._say_line(product.catalog, "product.catalog")
        item = self._say_line(product.item, "product.item")
        is_known = catalog.isdecimal() and 0 < len(item) <= _LONGEST_ITEM
        return ChatProduct(catalog=catalog, item=item) if is_known else None

    def _fill_media(self) -> ChatMedia | None:
        media = self._chat.media
        url = clean_url(self._say(media.url, "media.url")) if media else ""
        if media is None or not url:
            return None
        name = cut_text(self._say_line(media.filename, "media.filename"), _LONGEST_FILE_NAME)
        return ChatMedia(type=media.type, url=url, filename=name)

    def _label(self, source: str, part: str) -> str:
        return cut_text(self._say_line(source, part), BUTTON_TITLE_LIMIT)

    def _say(self, source: str, part: str) -> str:
        return render_text(source, self._context, where=f"{self._where}.{part}")

    def _say_line(self, source: str, part: str) -> str:
        return " ".join(self._say(source, part).split())


def make_row(title: str, payload: str, description: str = "") -> ChatRow:
    """A row that fits; a title that had to be cut is given whole in the description, where that is free."""
    if len(payload) > ROW_ID_LIMIT:
        raise GiveUp("payload_too_long", f"{len(payload)} characters")
    cut = cut_text(title, ROW_TITLE_LIMIT)
    told = description or (title if cut != title else "")
    return ChatRow(text=cut, payload=payload, description=cut_text(told, ROW_DESCRIPTION_LIMIT))


def is_short(rows: Iterable[ChatRow]) -> bool:
    """Whether these few rows are as well said by buttons."""
    rows = list(rows)
    titles = {row.text for row in rows}
    return (
        0 < len(rows) <= MOST_BUTTONS
        and len(titles) == len(rows)
        and all(len(title) <= BUTTON_TITLE_LIMIT for title in titles)
        and not any(row.description for row in rows)
        and all(len(row.payload) <= BUTTON_ID_LIMIT for row in rows)
    )
