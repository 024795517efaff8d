"""Long loads of a store's things: at the pace that the store allows, with a count, and going on where they stopped."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import NamedTuple

from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from command_line.csv_rows import Refused
from command_line.failures import CommandFailure
from command_line.queues import open_queues
from command_line.screen import FAULTS
from command_line.stack import Stack
from command_line.store_access import GUIDE, StackSecrets
from okaeri.adapters import keys
from okaeri.adapters.store_apis.calls import Json, StoreCalls
from okaeri.adapters.store_apis.lists import Kind, Page, StoreList, open_list
from okaeri.domain.evidence import Envelope
from okaeri.domain.stores import Store
from okaeri.domain.values import Lane
from okaeri.errors import GiveUp, TryAgain

_TRIES = 8
_LONGEST_WAIT_S = 60.0
_TOGETHER = 10  # what SQS takes at once
_GOES_ON = "Run the same command again: it goes on where it stopped."


@dataclass(frozen=True)
class Place:
    """How far a load has come. `source` is what it reads: `store`, or the hash of a file; `after` where it goes on."""

    source: str
    after: str = ""
    taken: int = 0
    refused: int = 0


class Taking(NamedTuple):
    """What one thing comes to: evidence for the engine, or why it was refused."""

    envelopes: tuple[Envelope, ...] = ()
    refused: tuple[Refused, ...] = ()


@dataclass
class Loader:
    """One load. Each part is put on the queue before its place is kept: what comes twice changes nothing."""

    stack: Stack
    store: Store
    what: str
    sleep: Callable[[float], None] = field(default=time.sleep)

    def find_place(self, source: str, *, anew: bool) -> Place:
        """Where the same load stopped before, else the beginning."""
        item = {} if anew else self.stack.table.get_item(Key=self._key(), ConsistentRead=True).get("Item", {})
        if item.get("source") != source:
            return Place(source)
        return Place(source, str(item["after"]), int(str(item["taken"])), int(str(item["refused"])))

    def keep(self, place: Place) -> None:
        """Remembers it."""
        counts = {"taken": place.taken, "refused": place.refused}
        self.stack.table.put_item(Item={**self._key(), "source": place.source, "after": place.after, **counts})

    def forget(self) -> None:
        """It is done: the next one begins anew."""
        self.stack.table.delete_item(Key=self._key())

    def pull(self, kind: Kind, place: Place, take: Callable[[Json], Taking]) -> Iterator[tuple[Place, Taking]]:
        """Reads the store's list from there on, part by part. Raises CommandFailure where the store says no."""
        listed = self._open_list()
        with _count(self.what, place) as show:
            while True:
                page = self._read(listed, kind, place.after)
                taking = join(take(item) for item in page.items)
                place = self._put(replace(place, after=page.after), taking)
                show(place, page.total)
                if page.after:
                    self.keep(place)
                yield place, taking
                if not page.after:
                    self.forget()
                    return
                self.sleep(page.wait_s)

    def put_parts(self, place: Place, parts: Sequence[Callable[[], Taking]]) -> Iterator[tuple[Place, Taking]]:
        """The same for a file that was read: each part in its turn, those first that were not put yet."""
        with _count(self.what, place) as show:
            for number in range(int(place.after or 0), len(parts)):
                taking = parts[number]()
                place = self._put(replace(place, after=str(number + 1)), taking)
                self.keep(place)
                show(place, None)
                yield place, taking
        self.forget()

    def _put(self, place: Place, taking: Taking) -> Place:
        queues = open_queues(self.stack)
        for start in range(0, len(taking.envelopes), _TOGETHER):
            # The lane of marketing: a first load never delays what happens in the shop meanwhile.
            queues.send_evidence(taking.envelopes[start : start + _TOGETHER], lane=Lane.MARKETING)
        return replace(place, taken=place.taken + len(taking.envelopes), refused=place.refused + len(taking.refused))

    def _open_list(self) -> StoreList:
        calls = StoreCalls(StackSecrets(self.stack), allow_local=self.stack.stage == "local")
        try:
            return open_list(self.store, calls)
        except GiveUp as refusal:
            raise CommandFailure(
                f"{self.store.store_id} is on a platform of its own, whose list we cannot read",
                at="STORE",
                fix="Give a file instead.",
            ) from refusal

    def _read(self, listed: StoreList, kind: Kind, after: str) -> Page:
        code = ""
        for attempt in range(_TRIES):
            try:
                return listed.read_page(self.store, kind, after)
            except TryAgain as fault:
                code = fault.code
                self.sleep(min(_LONGEST_WAIT_S, fault.after_s or 2.0**attempt))
            except GiveUp as refusal:
                fix = f"okaeri stores access {self.store.store_id}. {GUIDE}"
                raise CommandFailure(
                    f"the store says {refusal.code}: {refusal}", at=self.store.domain, fix=fix
                ) from refusal
        raise CommandFailure(f"the store does not answer: {code}", at=self.store.domain, fix=_GOES_ON)

    def _key(self) -> dict[str, str]:
        return {"pk": keys.store_key(self.store.store_id), "sk": keys.load_key(self.what)}


def join(takings: Iterator[Taking]) -> Taking:
    """Several as one."""
    found = list(takings)
    return Taking(
        tuple(envelope for taking in found for envelope in taking.envelopes),
        tuple(refused for taking in found for refused in taking.refused),
    )


def hash_file(path: Path) -> str:
    """What is in it, for a load that goes on only with the same file."""
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        raise CommandFailure(str(error), at=str(path), fix="Give the path of the file.") from error


@contextmanager
def _count(what: str, place: Place) -> Iterator[Callable[[Place, int | None], None]]:
    """A line on standard error that counts, where that is a terminal."""
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=FAULTS, transient=True, disable=not FAULTS.is_terminal) as progress:
        task = progress.add_task(what, total=None, completed=place.taken + place.refused)

        def show(now: Place, total: int | None) -> None:
            progress.update(task, completed=now.taken + now.refused, total=total)

        yield show
