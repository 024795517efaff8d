"""Deploys the built template to the local AWS with `sam deploy`, as to a real account."""

from dataclasses import dataclass
from pathlib import Path

from local.commands import run_command
from local.launcher.aws import LocalAws
from local.paths import PROGRAMS, REPOSITORY

STACK_NAME = "okaeri"
BUCKET = "okaeri-local-deploys"


@dataclass(frozen=True)
class Outputs:
    """What the deployed stack says of itself."""

    values: dict[str, str]

    def __getitem__(self, name: str) -> str:
        return self.values[name]


def deploy_stack(aws: LocalAws, template: Path, parameters: dict[str, str], log: Path) -> Outputs:
    """Runs `sam deploy` and returns the stack's outputs; raises CommandFailed."""
    # A bucket of our own, since sam's managed one costs a stack more, five seconds.
    aws.create_bucket(BUCKET)
    command = [str(PROGRAMS / "sam"), "deploy", "--template-file", str(template)]
    config = ["--config-file", str(REPOSITORY / "samconfig.toml"), "--config-env", "local"]
    target = ["--stack-name", STACK_NAME, "--s3-bucket", BUCKET]
    overrides = ["--parameter-overrides", *(f"{name}={value}" for name, value in parameters.items())]
    # SAM_CLI_POLL_DELAY: seconds between sam's looks at the stack; each look is free here.
    run_command([*command, *config, *target, *overrides], log, environment={"SAM_CLI_POLL_DELAY": "0.2"})
    (stack,) = aws.cloudformation().describe_stacks(StackName=STACK_NAME)["Stacks"]
    return Outputs({output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]})
