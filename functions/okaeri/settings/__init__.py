"""What each function is told by its environment, a module for each: one starts with no more than its own.

Nothing else reads the environment.
"""

import os
from typing import Self

from pydantic import BaseModel, ConfigDict, ValidationError


class SettingsError(RuntimeError):
    """A function lacks a setting, or was given one that makes no sense; the text names the variables."""


class FunctionSettings(BaseModel):
    """What every function is told. Each field is the environment variable of the same name in capitals."""

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
