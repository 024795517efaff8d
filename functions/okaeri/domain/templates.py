"""A message's words in one language: the WhatsApp components and the e-mail beside each other.

Every text that a person writes here is a minijinja text over the message's context (docs/templates.md),
except `WhatsappText`, whose `{{name}}` are Meta's named variables, filled from `Template.variables`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, Self

from pydantic import Field, model_validator

from okaeri.domain.values import Stored, Value

Document = Literal["invoice"]  # a PDF that goes along with the message: the paper of the order

ANSWER = "ANSWER:"  # a quick reply's payload that answers a question: this, and the answer's name


class WhatsappButton(Stored):
    """A button of a template: a `url` button leads to an address, a `quick_reply` answers with a payload."""

    type: Literal["url", "quick_reply"]
    text: str
    url: str | None = None  # a minijinja text that gives the full address
    payload: str | None = None

    @model_validator(mode="after")
    def check_target(self) -> Self:
        """A url button has an address, a quick reply a payload, and neither has the other's."""
        if (self.type == "url") != (self.url is not None) or (self.type == "quick_reply") != (self.payload is not None):
            raise ValueError("a url button needs `url`, a quick_reply button needs `payload`")
        return self


class WhatsappText(Stored):
    """The components as Meta knows them. Each `{{name}}` in header and body is defined in `Template.variables`."""

    category: Literal["UTILITY", "MARKETING"]
    header: str | None = None
    document: Document | None = None  # in the place of the header; without its file the template can't be sent
    body: str
    footer: str | None = None
    buttons: tuple[WhatsappButton, ...] = ()


class ChatButton(Stored):
    """A reply button of a message in the window: at most three, titles of 20 characters.

    `payload` is `ANSWER:<name>` for an answer to the question, `DO:<intent>` to begin what the intent stands for.
    """

    text: str
    payload: str


class ChatRow(Stored):
    """A row of a list: titles of 24, descriptions of 72 characters. `payload` as a button's."""

    text: str
    payload: str
    description: str = ""


class ChatList(Stored):
    """At most ten rows behind one button of 20 characters. `choices` puts the rows of the question's data first."""

    button: str
    rows: tuple[ChatRow, ...] = ()
    choices: bool = False


class ChatLink(Stored):
    """One button, of 20 characters, that opens an address. Where `url` comes out empty it is left out."""

    text: str
    url: str


class ChatMedia(Stored):
    """A picture, video or document with the text as its caption. `url` is a minijinja text; empty: the text alone."""

    type: Literal["image", "video", "document"]
    url: str
    filename: str = ""


class ChatProduct(Stored):
    """A product of the shop's catalogue at Meta, in the place of link and media where both texts come out filled."""

    catalog: str
    item: str  # the product's id in the catalogue


class ChatText(Stored):
    """What is said inside the 24-hour window, where no template is needed. At most one of buttons, list, link.

    Texts are minijinja texts over the message's context. `media` goes with buttons or a link as their header.
    """

    header: str = ""
    body: str
    footer: str = ""
    buttons: tuple[ChatButton, ...] = ()
    list: ChatList | None = None
    link: ChatLink | None = None
    media: ChatMedia | None = None
    product: ChatProduct | None = None
    location_request: bool = False
    document: Document | None = None  # in the place of header and media, where there is one

    @model_validator(mode="after")
    def check_kind(self) -> Self:
        """At most one thing to tap."""
        if sum((bool(self.buttons), self.list is not None, self.link is not None, self.location_request)) > 1:
            raise ValueError("at most one of buttons, list, link, location_request")
        return self


class EmailButton(Value):
    """The one thing to do. Where `url` comes out empty the button is left out."""

    text: str
    url: str


class EmailAnswer(Value):
    """One answer to a question: its name in the journey's `answers`, and what the button says."""

    answer: str
    text: str


class EmailBlock(Value):
    """One piece of an e-mail, of exactly one kind. A block that comes out empty is left out.

    `text` a paragraph, `note` a small one, `callout` a set-off one (how to pay; a code stands large), `items` the lines
    of the order, parcel or cart, or the run's product with its picture, `totals` the order's sums, `facts` labelled
    values, `progress` the parcel's way, `answers` a button for each answer to a question, `products` what a recommend
    step of this id has found, with pictures.
    """

    text: str | None = None
    note: str | None = None
    callout: str | None = None
    button: EmailButton | None = None
    items: Literal["order", "shipment", "cart", "product"] | None = None
    products: str | None = None
    totals: Literal["order"] | None = None
    facts: tuple[str, ...] | None = None
    progress: Literal["shipment"] | None = None
    answers: tuple[EmailAnswer, ...] | None = None

    @model_validator(mode="after")
    def check_kind(self) -> Self:
        """Exactly one kind is given."""
        if sum(value is not None for _, value in self) != 1:
            raise ValueError(f"a block has exactly one of {', '.join(EmailBlock.model_fields)}")
        return self


class EmailText(Stored):
    """The e-mail as data; the layout is shared. `preheader` adds to the subject in the list of mails.

    `promotion` ends an order mail for who agreed to marketing, where the law lets an order mail carry it; with it
    stands how to unsubscribe.
    """

    subject: str
    preheader: str
    heading: str
    blocks: tuple[EmailBlock, ...]
    promotion: tuple[EmailBlock, ...] = ()
    document: Document | None = None  # attached, with a line that says so, where there is one


class PageText(Stored):
    """The question as it stands on a page among others, in the place of the e-mail's heading or the chat's body.

    Its answers are those of the other parts. `hint` stands below it, smaller.
    """

    question: str
    hint: str = ""


class Variable(Stored):
    """How a named variable gets its value (a minijinja text over the message's context), and Meta's example."""

    value: str
    example: str


class Template(Stored):
    """One file `catalogue/templates/<name>/<locale>.yaml`, published per store as it stands.

    `chat` is what is said inside the 24-hour window, where Meta asks for no template.
    `page` is how its question stands on a page with others. `valid_for` is how long the words stay true after they
    were decided.
    """

    schema_version: int = Field(default=1, alias="schema", serialization_alias="schema")
    name: str
    locale: str
    version: int = 1
    purpose: Literal["order", "marketing"]
    valid_for: timedelta | None = None
    variables: dict[str, Variable] = Field(default_factory=dict)
    whatsapp: WhatsappText | None = None
    email: EmailText | None = None
    chat: ChatText | None = None
    page: PageText | None = None

    model_config = Stored.model_config | {"populate_by_name": True}

    @property
    def meta_name(self) -> str:
        """The template's name at Meta: a changed text gets a new version, for approved ones can hardly be edited."""
        return f"{self.name}_v{self.version}"

    @property
    def answers(self) -> dict[str, tuple[str, ...]]:
        """The names of the answers that its buttons give, by channel; a channel without such buttons is left out."""
        replies: list[WhatsappButton | ChatButton | ChatRow] = list(self.whatsapp.buttons if self.whatsapp else ())
        if self.chat is not None:
            replies += [*self.chat.buttons, *(self.chat.list.rows if self.chat.list else ())]
        blocks = self.email.blocks if self.email else ()
        found = {
            "whatsapp": tuple(
                dict.fromkeys(name for reply in replies if (name := read_answer(reply.payload)) is not None)
            ),
            "email": tuple(answer.answer for block in blocks for answer in block.answers or ()),
        }
        return {channel: names for channel, names in found.items() if names}

    @property
    def meta_language(self) -> str:
        """The locale as Meta writes it (`pt_BR`)."""
        return self.locale.replace("-", "_")


def read_answer(payload: str | None) -> str | None:
    """The name of the answer that a quick reply with this payload gives, None where it answers nothing."""
    return payload.removeprefix(ANSWER) if payload and payload.startswith(ANSWER) else None


class TemplateState(Stored):
    """What Meta says of a template in one language. `category` is Meta's, which may have drifted from ours."""

    status: str
    category: str
    meta_id: str = ""
    meta_name: str = ""
    reason: str = ""
    quality: str = ""  # GREEN, YELLOW, RED: a red one is paused soon
    at: datetime | None = None  # when Meta said so, by its own webhook


@dataclass(frozen=True)
class Links:
    """The addresses of ours that a message carries.

    `sign` turns a target into the suffix after `{PUBLIC_URL}/l/`, the only variable part that Meta allows
    in a button's address. `unsubscribe_url` is empty where there is nothing to unsubscribe from, `confirm_url` where
    there is nothing to confirm. `questions_url` is the page that the message's question stands on. `answer` turns an
    answer's name and its button's text into the address of its page; `question` is what a quick reply names when it
    answers.
    """

    sign: Callable[[str], str]
    unsubscribe_url: str = ""
    confirm_url: str = ""
    questions_url: str = ""
    answer: Callable[[str, str], str] = lambda name, text: ""
    question: str = ""


class ButtonValue(Value):
    """What fills the button at `index` (zero-based, as defined): a url's suffix or a quick reply's payload."""

    index: int
    type: Literal["url", "quick_reply"]
    value: str


class WhatsappContent(Value):
    """A rendered WhatsApp message: parameters by name for a template, and `text` as the shopper reads it."""

    meta_name: str = ""
    language: str = ""
    header: dict[str, str] = Field(default_factory=dict)
    body: dict[str, str] = Field(default_factory=dict)
    buttons: tuple[ButtonValue, ...] = ()
    text: str
    chat: ChatText | None = None  # rendered, payloads complete; `text` alone where it is None and there is no template
    media_key: str | None = None  # a file of ours to upload and send along (its type by its content type)
    media_name: str = ""  # what a document is called on the phone


class EmailAttachment(Value):
    """A file that goes along with an e-mail."""

    filename: str
    content_type: str
    body: bytes


class EmailContent(Value):
    """A rendered e-mail. `subject` is a single line; `html` holds its styles inline; `text` says the same.

    `reply_to` is where an answer goes, empty for the shop's own address. `references` are the ids of what it belongs
    to, without brackets, `in_reply_to` the letter that it answers.
    """

    subject: str
    preheader: str
    html: str
    text: str
    reply_to: str = ""
    in_reply_to: str = ""
    references: tuple[str, ...] = ()
    attachments: tuple[EmailAttachment, ...] = ()


class Problem(Value):
    """What is wrong with a template, where (`whatsapp.body`), and how to mend it."""

    where: str
    what: str
    fix: str
