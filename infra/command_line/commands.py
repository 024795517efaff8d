"""The `okaeri` command: its groups, its one general option, and how failures leave it."""

from __future__ import annotations

import sys
from typing import Annotated

import boto3
import typer
from botocore.exceptions import BotoCoreError, ClientError

from command_line import (
    access_commands,
    broadcast_commands,
    care_commands,
    catalogue_commands,
    consent,
    contest_commands,
    coupon_commands,
    delivery_commands,
    explain,
    faq_commands,
    hour_commands,
    import_commands,
    inbox_commands,
    link_commands,
    lint,
    loyalty_commands,
    media_commands,
    mode_commands,
    price_commands,
    product_commands,
    result_commands,
    seeing_commands,
    segment_commands,
    staff_commands,
    store_commands,
    survey_commands,
    version_commands,
    webhook_commands,
)
from command_line.failures import CommandFailure
from command_line.screen import show_failure
from command_line.stack import DEFAULT_STACK

app = typer.Typer(
    name="okaeri",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)


@app.callback()
def choose_stack(
    context: typer.Context,
    stack: Annotated[
        str, typer.Option(envvar="OKAERI_STACK", help="Name of the CloudFormation stack.")
    ] = DEFAULT_STACK,
    region: Annotated[
        str | None, typer.Option(envvar=["AWS_REGION", "AWS_DEFAULT_REGION"], help="AWS region of the stack.")
    ] = None,
    local: Annotated[bool, typer.Option("--local", help="The stack that `make up` or `make demo` runs.")] = False,
) -> None:
    """Sets up stores, publishes journeys and templates, and looks after a running stack.

    Credentials are AWS's usual ones: AWS_PROFILE, AWS_ACCESS_KEY_ID, …
    """
    if local:
        region = adopt_local_stack()
    boto3.setup_default_session(region_name=region)
    context.obj = stack


def adopt_local_stack() -> str:
    """Points every client at the running local stack and returns its region. Raises CommandFailure."""
    # Here, since the launcher imports these commands' functions.
    from local.launcher.aws import REGION, LocalAws
    from local.launcher.stack import LocalStack
    from local.paths import find_state_folder

    description = LocalStack(find_state_folder()).read_description()
    if description is None:
        raise CommandFailure("No local stack is running.", at="--local", fix="Start one with `make up`.")
    LocalAws(description["aws_endpoint_url"]).adopt()
    return REGION


store_commands.app.command("mode")(mode_commands.set_store_mode)
store_commands.app.command("sending")(mode_commands.switch_sending)
store_commands.app.command("access")(access_commands.put_access)
store_commands.app.command("hours")(hour_commands.set_hours)
store_commands.app.command("add-carrier")(delivery_commands.add_carrier)
store_commands.app.command("delivery")(delivery_commands.set_delivery)
store_commands.app.command("voice")(delivery_commands.set_voice)
store_commands.app.add_typer(mode_commands.testers, name="testers")
app.add_typer(store_commands.app, name="stores")
store_commands.app.add_typer(webhook_commands.app, name="webhooks")
app.add_typer(coupon_commands.app, name="coupons")
app.add_typer(loyalty_commands.app, name="loyalty")
app.add_typer(media_commands.app, name="media")
app.add_typer(catalogue_commands.journeys, name="journeys")
catalogue_commands.journeys.command("lint")(lint.lint_files)
catalogue_commands.journeys.command("mode")(mode_commands.set_journey_mode)
catalogue_commands.journeys.command("schema")(lint.print_schema)
catalogue_commands.journeys.command("simulate")(seeing_commands.simulate)
catalogue_commands.journeys.command("graph")(seeing_commands.graph)
catalogue_commands.journeys.command("backtest")(seeing_commands.backtest)
catalogue_commands.journeys.command("versions")(version_commands.versions)
catalogue_commands.journeys.command("rollback")(version_commands.rollback)
catalogue_commands.journeys.command("migrate")(version_commands.migrate)
app.add_typer(catalogue_commands.templates, name="templates")
app.add_typer(price_commands.app, name="prices")
app.add_typer(link_commands.app, name="links")
app.add_typer(segment_commands.app, name="segments")
app.add_typer(broadcast_commands.app, name="broadcasts")
app.command("publish")(catalogue_commands.publish)
app.command("doctor")(care_commands.doctor)
app.command("explain")(explain.explain)
app.command("results")(result_commands.results)
app.add_typer(inbox_commands.app, name="inbox")
app.add_typer(staff_commands.app, name="staff")
app.add_typer(faq_commands.app, name="faq")
app.add_typer(faq_commands.replies, name="replies")
app.add_typer(product_commands.app, name="products")
app.add_typer(import_commands.app, name="import")
app.add_typer(survey_commands.app, name="surveys")
app.add_typer(contest_commands.app, name="contests")
app.add_typer(care_commands.meta_app, name="meta-app")
app.add_typer(consent.app, name="consent")
app.add_typer(care_commands.privacy, name="privacy")
app.add_typer(care_commands.quarantine, name="quarantine")
app.add_typer(care_commands.dead_letters, name="dead-letters")
app.add_typer(care_commands.timers, name="timers")


def main() -> None:
    """Runs the command; exits with 1 and says what to do where it could not."""
    try:
        app(prog_name="okaeri")
    except CommandFailure as failure:
        show_failure(failure)
    except ClientError as error:
        show_failure(
            CommandFailure(
                str(error), at="AWS", fix="Check who you are (aws sts get-caller-identity) and what you may do."
            )
        )
    except BotoCoreError as error:
        show_failure(CommandFailure(str(error), at="AWS", fix="Check the network, --region and credentials."))
    else:
        return
    sys.exit(1)
