"""What is not ready yet, and what to do about it: AWS, Meta, each store."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import partial

from botocore.exceptions import BotoCoreError, ClientError

from command_line import graph, records
from command_line.coupons import find_low_pools
from command_line.failures import CommandFailure
from command_line.numbers import find_number, learn_number
from command_line.publish import Catalogue, load_catalogue
from command_line.queues import DEAD_LETTERS, count_messages
from command_line.secrets import name_secret, read_secret
from command_line.stack import Stack
from command_line.store_access import find_missing, has_access, list_missing_webhooks, list_offered
from command_line.templates import check_templates
from okaeri.domain.carriers import Carrier
from okaeri.domain.numbers import UNLIMITED, find_stop
from okaeri.domain.standing import say_switches
from okaeri.domain.stores import Platform, Sending, Store, Transport
from okaeri.domain.values import Purpose

# 38 at work on queues (the sum of MaximumConcurrency in template.yaml), and room for a burst of webhooks.
ENOUGH_CONCURRENCY = 100
QUIET = timedelta(days=3)


class Verdict(StrEnum):
    """How an examined thing is. Only NOT_READY makes the command fail."""

    OK = "ok"
    NOTE = "note"
    NOT_READY = "not ready"


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at: how it is, and what to do next where it is not well."""

    what: str
    verdict: Verdict
    state: str
    next: str = ""


type Check = Callable[[], Finding]


def examine(
    stack: Stack, store_ids: list[str] | None = None, *, catalogue: Catalogue | None = None
) -> Iterator[Finding]:
    """Looks at the stack and at the stores named, or at all. A check that fails is a finding too."""
    for what, check in _list_stack_checks(stack):
        yield _run(what, check)
    found = store_ids or records.list_store_ids(stack)
    if not found:
        yield Finding("stores", Verdict.NOT_READY, "none yet", "okaeri stores add --help")
    for store_id in found:
        store = records.read_store(stack, store_id)
        for what, check in _list_store_checks(stack, store, catalogue or load_catalogue()):
            yield _run(f"{store_id}: {what}", check)


def _run(what: str, check: Check) -> Finding:
    try:
        finding = check()
    except CommandFailure as failure:
        return Finding(what, Verdict.NOT_READY, failure.message, failure.fix)
    except (ClientError, BotoCoreError) as error:
        return Finding(
            what,
            Verdict.NOT_READY,
            f"AWS does not say: {error}",
            "Check the network, and what you may do in this account.",
        )
    return Finding(what, finding.verdict, finding.state, finding.next)


def _list_stack_checks(stack: Stack) -> list[tuple[str, Check]]:
    checks: list[tuple[str, Check]] = [
        ("Lambda concurrency", partial(check_concurrency, stack)),
        ("SES", partial(check_ses, stack)),
        ("Meta app", partial(check_meta_app, stack)),
    ]
    return checks + [(queue, partial(check_empty, stack, queue)) for queue in (*DEAD_LETTERS, "QuarantineQueue")]


def _list_store_checks(stack: Stack, store: Store, catalogue: Catalogue) -> list[tuple[str, Check]]:
    checks: list[tuple[str, Check]] = [
        ("state", partial(check_state, store)),
        ("switch and modes", partial(check_modes, store)),
        ("webhook secret", partial(check_secret, stack, store)),
        ("last webhook", partial(check_webhooks, stack, store)),
        ("catalogue", partial(check_catalogue, store, catalogue)),
        ("sender", partial(check_sender, stack, store)),
        ("coupons", partial(check_coupons, stack, store)),
        ("changes of orders", partial(check_access, stack, store)),
        ("carriers", partial(check_carriers, stack, store)),
        ("one voice", partial(check_voices, store)),
    ]
    if store.phone_number_id or store.waba_id:
        checks += [
            ("WhatsApp transport", partial(check_transport, store)),
            ("WhatsApp number", partial(check_number, stack, store)),
            ("WhatsApp limits", partial(check_limits, stack, store)),
            ("WhatsApp webhooks", partial(check_subscription, stack, store)),
            ("WhatsApp templates", partial(check_approval, stack, store, catalogue)),
        ]
    else:
        add = f"okaeri stores add {store.store_id} --phone-number-id … --waba-id …"
        checks.append(("WhatsApp", lambda: _note("not set up: everything goes by e-mail", add)))
    return checks


def check_concurrency(stack: Stack) -> Finding:
    """Fresh accounts may run 10 functions at once; the stack is made for more."""
    limit = stack.lambda_.get_account_settings()["AccountLimit"]["ConcurrentExecutions"]
    if limit >= ENOUGH_CONCURRENCY:
        return _ok(f"{limit} at once")
    return _not_ready(
        f"only {limit} at once in this account and region",
        "Ask for 1,000: Service Quotas → AWS Lambda → Concurrent executions. Free, answered within a day or two.",
    )


def check_ses(stack: Stack) -> Finding:
    """In the sandbox, mails go to verified addresses only."""
    account = stack.ses.get_account()
    if account.get("EnforcementStatus", "HEALTHY") not in ("HEALTHY", ""):
        return _not_ready(
            f"AWS says {account['EnforcementStatus']}", "Read AWS's mail to the account's owner, and SES → Reputation."
        )
    if not account.get("SendingEnabled", True):
        return _not_ready("sending is switched off", "SES → Account dashboard says why.")
    if not account.get("ProductionAccessEnabled", False):
        return _not_ready(
            "in the sandbox: 200 mails a day, to verified addresses only",
            "SES → Account dashboard → Request production access: order news to the shop's own customers.",
        )
    quota = account.get("SendQuota", {})
    return _ok(f"{quota.get('Max24HourSend', 0):,.0f} mails a day, {quota.get('MaxSendRate', 0):,.0f} a second")


def check_meta_app(stack: Stack) -> Finding:
    """Without the app secret no webhook of Meta's is believed."""
    value = read_secret(stack, f"{stack.secrets_prefix}/meta-app") or {}
    if value.get("app_secret") and value.get("verify_token"):
        return _ok("secret and verify token are kept")
    return _not_ready("its secret is not known", "okaeri meta-app set")


def check_empty(stack: Stack, queue: str) -> Finding:
    """What stands in these queues was not handled."""
    number = count_messages(stack, queue)
    if not number:
        return _ok("empty")
    if queue == "QuarantineQueue":
        return _not_ready(f"{number} webhooks that we cannot read", "okaeri quarantine list")
    return _not_ready(f"{number} messages", f"okaeri dead-letters list, then okaeri dead-letters redrive {queue}")


def check_state(store: Store) -> Finding:
    """Whether the store speaks at all."""
    if store.paused:
        return _not_ready(f"paused: {store.paused}", f"okaeri stores resume {store.store_id}")
    return _ok("at work")


def check_modes(store: Store) -> Finding:
    """What the shop holds back, and what it tries: nobody should forget that they did."""
    if store.sending is Sending.OFF:
        return _not_ready("all sending is switched off", f"okaeri stores sending {store.store_id} on")
    unpaused = store.model_copy(update={"paused": None})  # which is a finding of its own
    held = [line.rstrip(".") for line in say_switches(unpaused, with_off=False)]
    if held:
        fix = f"okaeri stores sending {store.store_id}, okaeri journeys list {store.store_id}"
        return _note("; ".join(held), fix)
    return _ok("everything is on")


def check_secret(stack: Stack, store: Store) -> Finding:
    """Without it every webhook is refused."""
    value = read_secret(stack, name_secret(stack, store.store_id, "webhook")) or {}
    if not value.get("current"):
        return _not_ready("missing", f"okaeri stores rotate-secret {store.store_id}")
    return _ok("kept, and the one before is still believed" if value.get("previous") else "kept")


def check_webhooks(stack: Stack, store: Store) -> Finding:
    """When the store last spoke."""
    seen = {
        source: at for source, at in records.list_webhooks(stack, store.store_id).items() if not _is_carriers(source)
    }
    url = f"{stack.api_url}/stores/{store.store_id}/events"
    if not seen:
        return _not_ready(
            "none yet", f"Paste {url} into the store's webhooks (docs/operations.md), and place a test order."
        )
    source, last = max(seen.items(), key=lambda pair: pair[1])
    state = f"{source}, {last:%Y-%m-%d %H:%M} UTC"
    if datetime.now(UTC) - last > QUIET:
        return _note(state, "Quiet for days: look whether the store has switched its webhooks off.")
    return _ok(state)


def check_carriers(stack: Stack, store: Store) -> Finding:
    """Whether those that the store listens to have told of a parcel."""
    if not store.settings.carriers:
        fix = f"okaeri stores add-carrier {store.store_id} aftership"
        return _note("none: parcels are known as far as the store tells of them", fix)
    seen = records.list_webhooks(stack, store.store_id)
    latest = {
        carrier: max((at for source, at in seen.items() if source.startswith(carrier)), default=None)
        for carrier in store.settings.carriers
    }
    state = ", ".join(
        f"{carrier}: {f'{at:%Y-%m-%d %H:%M} UTC' if at else 'none yet'}" for carrier, at in latest.items()
    )
    missing = [carrier for carrier, at in latest.items() if at is None]
    for carrier in store.settings.carriers:
        if not (read_secret(stack, name_secret(stack, store.store_id, f"{carrier}/webhook")) or {}).get("current"):
            return _not_ready(f"{carrier}'s secret is missing", f"okaeri stores add-carrier {store.store_id} {carrier}")
    if missing:
        return _note(state, f"okaeri stores add-carrier {store.store_id} {missing[0]} shows its address once more.")
    return _ok(state)


def check_voices(store: Store) -> Finding:
    """Whether somebody has decided who confirms orders: else the platform's mail and ours say the same."""
    if store.platform is Platform.STANDARD:
        return _ok("the store's own system says what it is told to say")
    if store.settings.voices:
        given = ", ".join(
            f"{kind} by {channel}: {voice}"
            for kind, voices in store.settings.voices.items()
            for channel, voice in voices.items()
        )
        return _ok(given)
    return _note(
        "Okaeri says everything; the platform's own mails may say it too",
        f"Switch them off there (docs/voice.md), or leave it to them: okaeri stores voice {store.store_id}",
    )


def _is_carriers(source: str) -> bool:
    return source.startswith(tuple(Carrier))


def check_catalogue(store: Store, catalogue: Catalogue) -> Finding:
    """Whether what is published is what is checked out here."""
    if store.catalogue == catalogue.content_hash:
        return _ok("as in this checkout")
    return _not_ready("differs from this checkout", f"okaeri publish {store.store_id}")


def check_coupons(stack: Stack, store: Store) -> Finding:
    """Whether the pools will last for a while."""
    low = find_low_pools(stack, store.store_id)
    if low is None:
        return _ok("no pools")
    if not low:
        return _ok("enough in each pool")
    state = ", ".join(f"{pool}: {number} left" for pool, number in sorted(low.items()))
    fill = f"okaeri coupons import {store.store_id} {min(low, key=lambda pool: low[pool])} codes.csv"
    return _not_ready(state, fill) if 0 in low.values() else _note(state, fill)


def check_sender(stack: Stack, store: Store) -> Finding:
    """The sender's domain, or the address itself, verified in SES and signed with DKIM."""
    if not store.from_email:
        return _not_ready("no sender address", f"okaeri stores set {store.store_id} from-email=hello@{store.domain}")
    domain = store.from_email.partition("@")[2]
    for name in (domain, store.from_email):
        try:
            identity = stack.ses.get_email_identity(EmailIdentity=name)
        except stack.ses.exceptions.NotFoundException:
            continue
        if not identity.get("VerifiedForSendingStatus"):
            return _not_ready(
                f"{name} is not verified yet", "SES → Identities shows the DNS records to set; AWS looks for 72 hours."
            )
        dkim = identity.get("DkimAttributes", {}).get("Status", "NOT_STARTED")
        if name == domain and dkim != "SUCCESS":
            return _not_ready(
                f"{name} is verified, DKIM is {dkim}", "Set the three CNAME records that SES → Identities shows."
            )
        if name != domain:
            return _note(
                f"{name} is verified, its domain is not",
                f"Verify {domain} (infra/email-identity.yaml): mail programs ask for DKIM.",
            )
        return _ok(f"{name}, signed with DKIM")
    return _not_ready(
        f"{domain} is unknown to SES", "Verify the domain: infra/email-identity.yaml, or SES → Identities → Create."
    )


def check_transport(store: Store) -> Finding:
    """Who carries the messages."""
    if store.whatsapp_transport is Transport.GRAPH:
        return _ok("Meta's Graph API")
    if store.aws_phone_number_id:
        return _ok(f"AWS End User Messaging Social, {store.aws_phone_number_id}")
    return _not_ready(
        "AWS carries the messages, and the number's id there is not known",
        f"okaeri stores set {store.store_id} aws-phone-number-id=phone-number-id-…",
    )


def check_access(stack: Stack, store: Store) -> Finding:
    """Whether what shoppers may ask for is done in the store itself."""
    offered = list_offered(store)
    if not offered:
        return _ok("none are offered")
    if not has_access(stack, store):
        command = f"access {store.store_id}"
        if store.platform is Platform.STANDARD:
            command = f"webhooks set {store.store_id} {list_missing_webhooks(store)[0]} https://…"
        return _note("each becomes a ticket: there is no access to the store", f"okaeri stores {command}")
    missing = find_missing(stack, store)
    if missing:
        lacking = "; ".join(f"{do} needs {' and '.join(scopes)}" for do, scopes in missing.items())
        return _not_ready(lacking, "Add it to the app's scopes in Shopify's Dev Dashboard, install the new version.")
    return _ok(f"the store answers: {', '.join(offered)}")


def check_number(stack: Stack, store: Store) -> Finding:
    """The token opens the number, and Meta thinks well of it."""
    if not store.phone_number_id:
        return _not_ready("no number", f"okaeri stores add {store.store_id} --phone-number-id …")
    number = graph.read_phone_number(stack, store.phone_number_id, _read_token(stack, store))
    shown, quality = number.get("display_phone_number", ""), str(number.get("quality_rating", "UNKNOWN"))
    state = f"{shown} {number.get('verified_name', '')}, quality {quality.lower()}"
    if number.get("status", "CONNECTED") != "CONNECTED":
        return _not_ready(f"{shown} is {number['status'].lower()}", "Register it: WhatsApp Manager → Phone numbers.")
    if quality == "RED":
        return _not_ready(
            state, "Shoppers block or report it: send less marketing until it recovers (okaeri journeys off)."
        )
    return _ok(state)


def check_limits(stack: Stack, store: Store) -> Finding:
    """How many people and messages Meta allows, and what it has stopped."""
    state = learn_number(stack, store, _read_token(stack, store)) or find_number(stack, store)
    if state is None:
        return _note("not known", "Meta tells them with its notices: subscribe to phone_number_quality_update.")
    people = {"": "an unknown number of people", UNLIMITED: "any number of people"}.get(state.tier)
    rate = store.whatsapp_per_second or state.per_second
    allowed = f"{people or f'{int(state.tier):,} people'} in 24 hours, {rate} messages a second"
    for purpose, what in ((Purpose.ORDER, "nothing"), (Purpose.MARKETING, "no marketing")):
        stop = find_stop(state, purpose, datetime.now(UTC))
        if stop:
            state_text = f"{allowed}; {what} is sent before {stop.until:%Y-%m-%d %H:%M} UTC: {stop.reason}"
            return _not_ready(state_text, "Look at the account in Meta's WhatsApp Manager → Account quality.")
    return _ok(allowed)


def check_subscription(stack: Stack, store: Store) -> Finding:
    """Whether an app hears what happens on the account."""
    if not store.waba_id:
        return _not_ready("no account", f"okaeri stores add {store.store_id} --waba-id …")
    if graph.list_subscribed_apps(stack, store.waba_id, _read_token(stack, store)):
        return _ok("the app is subscribed")
    return _not_ready("no app is subscribed", f"okaeri stores add {store.store_id} subscribes it.")


def check_approval(stack: Stack, store: Store, catalogue: Catalogue) -> Finding:
    """All templates of the switched-on journeys, in the store's languages."""
    pushed = check_templates(stack, store.store_id, catalogue=catalogue)
    ready = sum(entry.is_ready for entry in pushed)
    state = f"{ready} of {len(pushed)} approved"
    if ready < len(pushed):
        return _not_ready(state, f"okaeri templates push {store.store_id} --wait")
    if any(entry.drifted for entry in pushed):
        return _note(state, f"Meta changed the category of some: okaeri templates status {store.store_id}")
    return _ok(state)


def _read_token(stack: Stack, store: Store) -> str:
    value = read_secret(stack, name_secret(stack, store.store_id, "whatsapp"))
    if not value:
        raise CommandFailure("no token", fix=f"okaeri stores add {store.store_id} --whatsapp-token …")
    return value["token"]


def _ok(state: str) -> Finding:
    return Finding("", Verdict.OK, state)


def _note(state: str, todo: str) -> Finding:
    return Finding("", Verdict.NOTE, state, todo)


def _not_ready(state: str, todo: str) -> Finding:
    return Finding("", Verdict.NOT_READY, state, todo)
