"""What the stand-in is told of the Meta app, its accounts and numbers, and how real it should be."""

from typing import Any, Literal, Self

from pydantic import Field, model_validator

from local.control import ControlBody


class StatusTiming(ControlBody):
    """How statuses arrive; `POST /_/statuses` replaces it whole, so `{}` restores the default.

    Seconds after the message was accepted. `read_s: null` leaves reading to whoever looks at the phone.
    """

    late_s: float = Field(default=0, ge=0)
    doubled: bool = False
    shuffled: bool = False
    none: bool = False
    sent_s: float = Field(default=0.05, ge=0)
    delivered_s: float = Field(default=0.2, ge=0)
    read_s: float | None = Field(default=1.5, ge=0)


class PhoneNumber(ControlBody):
    """A business's number."""

    phone_number_id: str
    display_phone_number: str
    verified_name: str = "Test shop"
    quality_rating: Literal["GREEN", "YELLOW", "RED", "UNKNOWN"] = "GREEN"
    messages_per_second: int = Field(default=80, ge=1)
    messaging_limit: str = Field(default="TIER_100K", pattern=r"TIER_(\d+K?|UNLIMITED)")

    @property
    def people_per_day(self) -> int | None:
        """The limit as a number, None without one."""
        word = self.messaging_limit.removeprefix("TIER_")
        return None if word == "UNLIMITED" else int(word.removesuffix("K")) * (1000 if word.endswith("K") else 1)


class Account(ControlBody):
    """A WhatsApp Business Account. Its own `access_tokens` open this account alone."""

    waba_id: str
    name: str = "Test shop"
    access_tokens: list[str] = Field(default_factory=list)
    subscribed: bool = False
    phone_numbers: list[PhoneNumber] = Field(default_factory=list)
    templates: list[dict[str, Any]] = Field(default_factory=list)  # definitions that are approved from the start


class Configuration(ControlBody):
    """The whole configuration, as in the JSON file; see the README beside this package."""

    app_id: str = "1000000000000001"
    app_secret: str = ""
    verify_token: str = ""
    webhook_url: str | None = None
    access_tokens: list[str] = Field(default_factory=list)  # tokens of a system user who may use every account
    accounts: list[Account] = Field(default_factory=list)
    statuses: StatusTiming = StatusTiming()
    not_on_whatsapp_endings: list[str] = Field(default_factory=list)
    said_later: list[int] = Field(
        default_factory=lambda: [131026, 131049]
    )  # refusals that come as a `failed` status, not as the answer
    marketing_per_person_per_day: int | None = Field(default=10, ge=0)
    template_review_s: float = Field(default=0.3, ge=0)
    template_limit: int = Field(default=250, ge=1)
    template_creations_per_hour: int = Field(default=100, ge=1)
    webhook_batch: int = Field(default=20, ge=1, le=1000)

    @model_validator(mode="after")
    def has_unique_ids(self) -> Self:
        ids = [a.waba_id for a in self.accounts]
        ids += [n.phone_number_id for a in self.accounts for n in a.phone_numbers]
        if len(ids) != len(set(ids)):
            raise ValueError("waba_id and phone_number_id must be unique")
        return self

    def merge(self, change: "Configuration") -> "Configuration":
        """This configuration with what `change` names; accounts are replaced or added by `waba_id`."""
        values = {name: getattr(change, name) for name in change.model_fields_set - {"accounts"}}
        accounts = {a.waba_id: a for a in self.accounts} | {a.waba_id: a for a in change.accounts}
        merged = self.model_copy(update=values | {"accounts": list(accounts.values())})
        return Configuration.model_validate(merged.model_dump())
