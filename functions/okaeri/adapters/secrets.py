"""Secrets from SSM's Parameter Store: SecureStrings that hold a JSON object, cached for minutes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from okaeri.adapters.aws_errors import aws_errors
from okaeri.adapters.expiring_cache import ExpiringCache
from okaeri.errors import GiveUp

if TYPE_CHECKING:
    from mypy_boto3_ssm import SSMClient

_FRESH_S = 300


class SsmSecrets:
    """Implements `ports.Secrets` below one prefix: /okaeri/<stack>."""

    def __init__(self, client: SSMClient, prefix: str) -> None:
        self._client, self._prefix = client, prefix
        self._cache: ExpiringCache[str, dict[str, str]] = ExpiringCache(fresh_s=_FRESH_S)

    def get(self, name: str) -> dict[str, str]:
        """At most 5 minutes old, older where SSM doesn't answer. Raises GiveUp("secret_missing")."""
        secret = self._cache.get(name, lambda: self._load(name))
        if secret is None:
            raise GiveUp("secret_missing", name)
        return secret

    def _load(self, name: str) -> dict[str, str] | None:
        try:
            with aws_errors():
                answer = self._client.get_parameter(Name=f"{self._prefix}/{name}", WithDecryption=True)
        except ClientError as error:
            if error.response["Error"]["Code"] == "ParameterNotFound":
                return None
            raise
        secret: dict[str, str] = json.loads(answer["Parameter"]["Value"])
        return secret
