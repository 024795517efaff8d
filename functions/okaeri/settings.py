"""What each function is told by its environment. The only module that reads it."""

import os
from typing import Self

from pydantic import BaseModel, ConfigDict, ValidationError

from okaeri.domain.pace import Pace


class SettingsError(RuntimeError):
    """A function lacks a setting, or was given one that makes no sense; the text names the variables."""


class FunctionSettings(BaseModel):
    """What every function is told. Each field is the environment variable of the same name in capitals."""

    # Each process reads one of these models: the others are never built.
    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    stage: str
    stack_name: str
    powertools_service_name: str
    log_level: str = "INFO"

    @classmethod
    def from_environment(cls) -> Self:
        """Reads the environment; raises SettingsError, which names each variable that is missing or wrong."""
        values = {name: os.environ[name.upper()] for name in cls.model_fields if name.upper() in os.environ}
        try:
            return cls.model_validate(values)
        except ValidationError as error:
            faults = (f"{str(fault['loc'][0]).upper()}: {fault['msg']}" for fault in error.errors())
            raise SettingsError(f"{cls.__name__} cannot be read. " + "; ".join(faults)) from None

    @property
    def secrets_prefix(self) -> str:
        """Where this stack's secrets are in SSM."""
        return f"/okaeri/{self.stack_name}"

    @property
    def queue_urls(self) -> dict[str, str]:
        """The queues that this function knows, by name: `events`, `soon`, `whatsapp_transactional`, …"""
        suffix = "_queue_url"
        return {
            name.removesuffix(suffix): getattr(self, name) for name in type(self).model_fields if name.endswith(suffix)
        }


class ReceiveStoreEventSettings(FunctionSettings):
    """receive_store_event."""

    table_name: str
    events_queue_url: str
    quarantine_queue_url: str


class ReceiveWhatsappEventSettings(FunctionSettings):
    """receive_whatsapp_event."""

    table_name: str
    events_queue_url: str
    statuses_queue_url: str
    quarantine_queue_url: str


class ReceiveEmailEventSettings(FunctionSettings):
    """receive_email_event."""

    table_name: str
    events_queue_url: str
    media_bucket: str
    inbound_domain: str = ""


class AdvanceJourneysSettings(FunctionSettings):
    """advance_journeys."""

    table_name: str
    events_queue_url: str
    bulk_queue_url: str
    soon_queue_url: str
    whatsapp_transactional_queue_url: str
    whatsapp_marketing_queue_url: str
    email_transactional_queue_url: str
    email_marketing_queue_url: str
    actions_queue_url: str
    events_queue_arn: str
    bulk_queue_arn: str
    schedule_group: str
    scheduler_role_arn: str
    scheduler_dead_letters_arn: str
    seconds_per_day: float
    queue_delay_limit_seconds: float
    delivery_patience_seconds: float

    @property
    def pace(self) -> Pace:
        """How fast a journey's days pass in this stack."""
        return Pace(
            seconds_per_day=self.seconds_per_day,
            queue_delay_limit_s=self.queue_delay_limit_seconds,
            delivery_patience_s=self.delivery_patience_seconds,
        )


class RecordDeliverySettings(FunctionSettings):
    """record_delivery."""

    table_name: str
    events_queue_url: str
    bulk_queue_url: str
    soon_queue_url: str
    delivery_patience_seconds: float


class SendWhatsappSettings(FunctionSettings):
    """send_whatsapp."""

    table_name: str
    whatsapp_transactional_queue_url: str
    whatsapp_marketing_queue_url: str
    soon_queue_url: str
    events_queue_url: str
    bulk_queue_url: str
    graph_api_url: str
    graph_api_version: str
    media_bucket: str
    make_documents_function: str
    public_url: str
    delivery_patience_seconds: float


class SendEmailSettings(FunctionSettings):
    """send_email."""

    table_name: str
    email_transactional_queue_url: str
    email_marketing_queue_url: str
    soon_queue_url: str
    events_queue_url: str
    bulk_queue_url: str
    configuration_set: str
    media_bucket: str
    make_documents_function: str
    inbound_domain: str = ""  # where customers' answers are received; empty where they go to the shop's own mailbox
    public_url: str
    delivery_patience_seconds: float


class MakeDocumentsSettings(FunctionSettings):
    """make_documents."""

    media_bucket: str


class RunBroadcastsSettings(FunctionSettings):
    """run_broadcasts."""

    table_name: str
    bulk_queue_url: str
    whatsapp_backlog_url: str  # the queues of what is being sent: looked at, not written to
    email_backlog_url: str
    schedule_group: str


class CarryOutActionsSettings(FunctionSettings):
    """carry_out_actions."""

    table_name: str
    events_queue_url: str
    bulk_queue_url: str
    media_bucket: str
    graph_api_url: str
    graph_api_version: str


class ServeCustomerPagesSettings(FunctionSettings):
    """serve_customer_pages."""

    table_name: str
    events_queue_url: str
    statuses_queue_url: str


class ServeInboxSettings(FunctionSettings):
    """serve_inbox."""

    table_name: str
    events_queue_url: str
    media_bucket: str


class CountEngagementSettings(FunctionSettings):
    """count_engagement."""

    table_name: str


class KeepHouseSettings(FunctionSettings):
    """keep_house."""

    table_name: str
    events_queue_url: str
    bulk_queue_url: str
    whatsapp_transactional_queue_url: str
    whatsapp_marketing_queue_url: str
    email_transactional_queue_url: str
    email_marketing_queue_url: str
