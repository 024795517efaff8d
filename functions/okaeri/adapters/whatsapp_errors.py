"""What Meta's error codes mean for the next step: the one place, for answers and for statuses alike.

Keyed by code alone: titles change and HTTP status codes mislead. A code is stable: messages, outcomes and
logs name it by its digits.
https://developers.facebook.com/docs/whatsapp/cloud-api/support/error-codes
"""

from __future__ import annotations

from typing import Any, NamedTuple

from okaeri.domain.delivery import Advice
from okaeri.errors import GiveUp, StopSender, TryAgain

MINUTE_S, HOUR_S, DAY_S = 60, 3600, 86_400


class Rule(NamedTuple):
    """The advice, the least wait in seconds (None: the usual backoff), and what the code says."""

    advice: Advice
    meaning: str
    wait_s: float | None = None


AGAIN, GIVE_UP, STOP = Advice.AGAIN, Advice.GIVE_UP, Advice.STOP

RULES: dict[int, Rule] = {
    # The account, its token or its number: a person must act.
    0: Rule(STOP, "token refused", HOUR_S),
    3: Rule(STOP, "the app lacks a permission", HOUR_S),
    10: Rule(STOP, "the app lacks a permission", HOUR_S),
    33: Rule(STOP, "phone number deleted", HOUR_S),
    190: Rule(STOP, "token expired or revoked", 15 * MINUTE_S),
    368: Rule(STOP, "account restricted for policy violations", HOUR_S),
    131005: Rule(STOP, "access denied", HOUR_S),
    131031: Rule(STOP, "account locked", HOUR_S),
    131037: Rule(STOP, "display name not approved", HOUR_S),
    131042: Rule(STOP, "payment problem of the account", HOUR_S),
    131045: Rule(STOP, "phone number registration error", HOUR_S),
    131048: Rule(STOP, "spam limit of the number", HOUR_S),
    131063: Rule(STOP, "marketing templates disabled on this API", HOUR_S),
    131064: Rule(STOP, "limited for misfiled templates", HOUR_S),
    133010: Rule(STOP, "phone number not registered", HOUR_S),
    134100: Rule(STOP, "only marketing messages allowed on this API", HOUR_S),
    # Passing faults and rates.
    1: Rule(AGAIN, "unknown API error"),
    2: Rule(AGAIN, "service down or overloaded"),
    4: Rule(AGAIN, "too many calls of the app", 5 * MINUTE_S),
    80007: Rule(AGAIN, "too many calls of the account", 5 * MINUTE_S),
    130429: Rule(AGAIN, "throughput of the number"),
    131000: Rule(AGAIN, "something went wrong"),
    131016: Rule(AGAIN, "service unavailable"),
    131052: Rule(AGAIN, "media could not be downloaded"),
    131056: Rule(AGAIN, "too many messages to this person"),  # the wait grows with the attempt: find_wait_s
    131057: Rule(AGAIN, "maintenance of the number", 2 * MINUTE_S),
    133004: Rule(AGAIN, "server temporarily unavailable"),
    # This message cannot go out for now; another channel may say it.
    131049: Rule(AGAIN, "withheld to keep the person's inbox healthy", DAY_S),
    132001: Rule(AGAIN, "template missing or not approved", HOUR_S),
    132015: Rule(AGAIN, "template paused", 3 * HOUR_S),
    132069: Rule(AGAIN, "flow throttled", HOUR_S),
    134101: Rule(AGAIN, "template still syncing", 10 * MINUTE_S),
    134102: Rule(AGAIN, "template not available yet", HOUR_S),
    # This message, or this person, never.
    100: Rule(GIVE_UP, "invalid parameter"),
    130472: Rule(GIVE_UP, "person is in an experiment of Meta's"),
    130497: Rule(GIVE_UP, "business restricted in the person's country"),
    131008: Rule(GIVE_UP, "parameter missing"),
    131009: Rule(GIVE_UP, "parameter value not valid"),
    131021: Rule(GIVE_UP, "recipient is the sender"),
    131026: Rule(GIVE_UP, "person cannot be reached on WhatsApp"),
    131030: Rule(GIVE_UP, "recipient not on the test number's list"),
    131047: Rule(GIVE_UP, "24 hours since the person's last message are over"),
    131050: Rule(GIVE_UP, "person stopped marketing from this business"),
    131051: Rule(GIVE_UP, "message type not supported"),
    131053: Rule(GIVE_UP, "media could not be uploaded"),
    131062: Rule(GIVE_UP, "this message needs a phone number, not a user id"),
    132000: Rule(GIVE_UP, "number of parameters"),
    132005: Rule(GIVE_UP, "text too long once filled"),
    132007: Rule(GIVE_UP, "content policy"),
    132008: Rule(GIVE_UP, "parameter value of the template"),
    132012: Rule(GIVE_UP, "parameter format of the template"),
    132016: Rule(GIVE_UP, "template disabled for good"),
    132018: Rule(GIVE_UP, "parameters of the template"),
    132068: Rule(GIVE_UP, "flow blocked"),
    134011: Rule(GIVE_UP, "terms of payments not accepted"),
    135000: Rule(GIVE_UP, "invalid request"),
    137000: Rule(GIVE_UP, "identity hash of the person does not match"),
}

PAIR_RATE = 131056
_PERMISSION_CODES = range(200, 300)
_PERMISSION = Rule(STOP, "the app lacks a permission", HOUR_S)
# A code that Meta has added since: one refusal more or less is better than a sender that stands still.
_UNKNOWN_TRANSIENT = Rule(AGAIN, "unknown, said to pass")
_UNKNOWN = Rule(GIVE_UP, "unknown")


def find_rule(code: int, *, transient: bool = False) -> Rule:
    """The rule of a code. `transient` is Meta's own hint, heeded for codes that we do not know."""
    if code in _PERMISSION_CODES:
        return _PERMISSION
    return RULES.get(code, _UNKNOWN_TRANSIENT if transient else _UNKNOWN)


def find_wait_s(code: int, attempt: int) -> float | None:
    """The least wait before the next attempt; for the pair rate 4^n s, by Meta's advice, ≤ 15 minutes."""
    if code == PAIR_RATE:
        return float(min(4 ** (attempt + 1), 900))
    return RULES[code].wait_s if code in RULES else None


def make_error(code: int, *, attempt: int = 0, transient: bool = False) -> TryAgain | GiveUp | StopSender:
    """The typed error of a code, to raise or to read."""
    rule = find_rule(code, transient=transient)
    wait_s = find_wait_s(code, attempt)
    match rule.advice:
        case Advice.AGAIN:
            return TryAgain(str(code), rule.meaning, after_s=wait_s)
        case Advice.STOP:
            return StopSender(str(code), rule.meaning, until_s=rule.wait_s or HOUR_S)
        case Advice.GIVE_UP:
            return GiveUp(str(code), rule.meaning)


def read_error_body(body: Any) -> tuple[int, bool] | None:
    """Code and transience of a Graph API error; None where the body is none."""
    error = body.get("error") if isinstance(body, dict) else None
    if not isinstance(error, dict):
        return None
    try:
        return int(error.get("code", -1)), bool(error.get("is_transient"))
    except (TypeError, ValueError):
        return -1, bool(error.get("is_transient"))


def read_status_error(code: str, attempt: int) -> TryAgain | GiveUp | StopSender:
    """The typed error of a code in `statuses[].errors[]`; one without digits is unknown."""
    return make_error(int(code) if code.isdecimal() else -1, attempt=attempt)
