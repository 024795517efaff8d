"""The local AWS: how to start it, and clients for it."""

import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import boto3
from botocore.config import Config

from local.launcher.ports import LOOPBACK, Ports

if TYPE_CHECKING:
    from mypy_boto3_apigatewayv2 import ApiGatewayV2Client
    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_ssm import SSMClient

REGION = "us-east-1"
ROOT_KEY = "test"  # the root of the local AWS, key and secret alike

# What a person's own shell may hold and the local AWS's clients must not see.
FOREIGN_SETTINGS = ("AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_SESSION_TOKEN", "AWS_CA_BUNDLE")

# The parts of a person's environment that servers may see, and through the local AWS every Lambda.
INHERITED_SETTINGS = ("PATH", "HOME", "LANG", "LC_ALL", "TZ")


@dataclass(frozen=True)
class LocalAws:
    """The local AWS at an endpoint; clients act as its root."""

    endpoint_url: str

    @property
    def environment(self) -> dict[str, str]:
        """Settings that point boto3 and sam at it, whatever the person's own account is."""
        return {
            "AWS_ENDPOINT_URL": self.endpoint_url,
            "AWS_ACCESS_KEY_ID": ROOT_KEY,
            "AWS_SECRET_ACCESS_KEY": ROOT_KEY,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_REGION": REGION,
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "AWS_EC2_METADATA_DISABLED": "true",
            "NO_PROXY": f"{LOOPBACK},localhost",
            "no_proxy": f"{LOOPBACK},localhost",
        }

    def adopt(self) -> None:
        """Points every later boto3 client of this process, and its children, at the local AWS."""
        for setting in FOREIGN_SETTINGS:
            os.environ.pop(setting, None)
        os.environ.update(self.environment)

    def cloudformation(self) -> "CloudFormationClient":
        return boto3.client("cloudformation", config=_config())

    def apigateway(self) -> "ApiGatewayV2Client":
        return boto3.client("apigatewayv2", config=_config())

    def lambdas(self) -> "LambdaClient":
        return boto3.client("lambda", config=_config())

    def ssm(self) -> "SSMClient":
        return boto3.client("ssm", config=_config())

    def verify_sender(self, domain: str) -> None:
        """Tells the local SES that this domain may send, as DKIM records do on AWS."""
        boto3.client("sesv2", config=_config()).create_email_identity(EmailIdentity=domain)

    def create_bucket(self, name: str) -> None:
        """Makes the bucket that `sam deploy` uploads to."""
        boto3.client("s3", config=_config()).create_bucket(Bucket=name)


def _config() -> Config:
    return Config(connect_timeout=2, read_timeout=30, retries={"total_max_attempts": 3})


def list_inherited_settings() -> dict[str, str]:
    """The few settings of the person's environment that servers get."""
    return {name: os.environ[name] for name in INHERITED_SETTINGS if name in os.environ}


def describe_ministack(ports: Ports, scratch: Path) -> tuple[list[str], dict[str, str]]:
    """The command of the local AWS and its environment, which every Lambda gets too.

    `scratch` is where it unpacks zips. The Python that runs it runs the Lambdas: ours, 3.13.
    """
    environment = list_inherited_settings() | {
        "AUTH": "true",  # every call of a function is checked against its role's policies
        "AWS_ENDPOINT_URL_SESV2": f"http://{LOOPBACK}:{ports.mailbox}",
        "BIND_HOST": LOOPBACK,
        "GATEWAY_PORT": str(ports.aws),
        "IOT_MTLS_ENABLED": "0",  # these two would listen on every network
        "SFTP_ENABLED": "0",
        "LOG_LEVEL": "INFO",
        "MINISTACK_REGION": REGION,
        "NO_PROXY": "*",
        "TMPDIR": str(scratch),
    }
    return [sys.executable, "-P", str(Path(__file__).with_name("run_ministack.py"))], environment
