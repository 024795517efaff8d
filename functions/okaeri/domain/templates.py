"""A message's words in one language: the WhatsApp components and the e-mail beside each other."""

from __future__ import annotations

from datetime import timedelta
from typing import Literal

from pydantic import Field

from okaeri.domain.values import Stored, Value


class WhatsappButton(Value):
    """A button of a template. A `url` button ends in a signed path of ours; a `quick_reply` carries a payload."""

    type: Literal["url", "quick_reply", "phone"]
    text: str
    url: str | None = None  # an expression (minijinja) that gives the full address the button leads to
    payload: str | None = None


class WhatsappText(Value):
    """The components as Meta knows them. `body` holds named variables `{{name}}`; each is defined in `Template.variables`."""

    category: Literal["UTILITY", "MARKETING"]
    header: str | None = None
    body: str
    footer: str | None = None
    buttons: tuple[WhatsappButton, ...] = ()


class EmailText(Value):
    """The e-mail as data: minijinja expressions in `subject`, `preheader` and the blocks' texts; the layout is shared."""

    subject: str
    preheader: str
    heading: str
    blocks: tuple[dict[str, object], ...]


class Variable(Value):
    """How a named variable gets its value (a minijinja expression over the message's context), and Meta's example."""

    value: str
    example: str


class Template(Stored):
    """One file `catalogue/templates/<name>/<locale>.yaml`, published per store as it stands."""

    schema_version: int = Field(default=1, alias="schema", serialization_alias="schema")
    name: str
    locale: str
    version: int = 1
    purpose: Literal["order", "marketing"]
    valid_for: timedelta | None = None
    variables: dict[str, Variable] = Field(default_factory=dict)
    whatsapp: WhatsappText | None = None
    email: EmailText | None = None

    model_config = Stored.model_config | {"populate_by_name": True}

    @property
    def meta_name(self) -> str:
        """The template's name at Meta: a changed text gets a new version, for approved ones can hardly be edited."""
        return f"{self.name}_v{self.version}"


class TemplateState(Stored):
    """What Meta says of a template in one language. `category` is Meta's, which may have drifted from ours."""

    status: str
    category: str
    meta_id: str = ""
    meta_name: str = ""
    reason: str = ""
