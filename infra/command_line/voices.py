"""Who says which kind of message on which channel, as the shop's people type it: `refund email=platform`."""

from __future__ import annotations

from collections.abc import Sequence

from command_line import checks, records
from command_line.failures import CommandFailure
from command_line.stack import Stack
from okaeri.domain.stores import Store
from okaeri.domain.values import Channel
from okaeri.domain.voices import OKAERI, VOICES, find_voice, list_kinds


def change_voices(stack: Stack, store_id: str, kind: str, pairs: Sequence[str]) -> Store:
    """Gives a kind of message to another voice, or back. Raises CommandFailure."""
    checks.check_one_of(kind, "KIND", [entry.kind for entry in list_kinds()])
    wanted = dict(_read_pair(pair) for pair in pairs)
    return records.change_store(stack, store_id, lambda store: apply_voices(store, kind, wanted))


def apply_voices(store: Store, kind: str, wanted: dict[str, str]) -> Store:
    """The store with these voices; what is Okaeri's stands nowhere."""
    ours = store.settings.voices.get(kind, {}) | wanted
    others = {name: voices for name, voices in store.settings.voices.items() if name != kind}
    left = {channel: voice for channel, voice in ours.items() if voice != OKAERI}
    voices = others | ({kind: left} if left else {})
    return store.model_copy(update={"settings": store.settings.model_copy(update={"voices": voices})})


def list_voices(store: Store) -> list[tuple[str, str, str, str]]:
    """Each kind with what it is about, and who says it on WhatsApp and by e-mail."""
    return [
        (
            entry.kind,
            entry.about,
            find_voice(store, entry.kind, Channel.WHATSAPP),
            find_voice(store, entry.kind, Channel.EMAIL),
        )
        for entry in list_kinds()
    ]


def _read_pair(pair: str) -> tuple[str, str]:
    channel, equals, voice = (part.strip().lower() for part in pair.partition("="))
    if not equals:
        raise CommandFailure(f"{pair!r} has no =", at="CHANNEL=VOICE", fix="Write it as email=platform.")
    checks.check_one_of(channel, "CHANNEL=VOICE", [one.value for one in Channel])
    return channel, checks.check_one_of(voice, "CHANNEL=VOICE", VOICES)
