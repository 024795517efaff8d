"""`make bench`: the budgets, measured on the built artefacts in one run, each as a ratio to a floor of the same run.

Prints a table and writes `.local/bench.json`. Ends with 1 where a budget is missed.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from local.build import BUDGET_BYTES, Build, build_lambdas, find_host_architecture, list_function_folders
from local.paths import find_state_folder
from tests.bench.canned_aws import Call
from tests.bench.charges import ASSUMPTIONS, COUNTING, count_dollars, count_uses
from tests.bench.cold_start import CLIENTS, measure_cold_start
from tests.bench.engine import Cpu, collect_cached, measure_cpu
from tests.bench.growth import count_units, find_customer, give_a_past, list_unkeyed, publish_many_journeys
from tests.bench.isolated import Surroundings, make_surroundings
from tests.bench.recommendations import measure_recommendations
from tests.bench.report import Row, print_rows, write_rows
from tests.bench.road import play_order
from tests.bench.shop import CREDENTIALS, Invocation, Shop, open_shop
from tests.bench.understanding import measure_understanding, print_understanding
from tests.bench.webhook import measure_warm_webhook

OTHER, SHOPPER = 10_000_001, 10_000_002  # the first shopper's road warms the functions for the second's
LONG_PAST, MANY_JOURNEYS = 10_000, 500
ENGINE_BUDGET, GROWTH_BUDGET, DOLLARS_BUDGET, COUNTING_BUDGET = 2.0, 1.1, 0.19, 0.01
ORDERS = 1000
TURNS = 4
PLACED, PAID, SHIPPED = "orders/create", "orders/paid", "fulfillments/create"


@dataclass
class Bench:
    """Everything that is measured of one shop."""

    shop: Shop
    surroundings: Surroundings
    folder: Path

    def __post_init__(self) -> None:
        play_order(self.shop, OTHER)
        self.road = play_order(self.shop, SHOPPER)
        self.second_road = play_order(self.shop, SHOPPER, 2)
        self.cached = collect_cached(self.shop.done)
        self.cpu: dict[str, Cpu] = {}

    def measure_engine(self) -> Iterator[Row]:
        """advance_journeys, event by event."""
        events = {
            "order of a new customer": (self.road, f"order.seen ({PLACED})"),
            "order of a known customer": (self.second_road, f"order.seen ({PLACED})"),
            "parcel shipped": (self.road, f"shipment.seen ({SHIPPED})"),
            "timer": (self.road, "timer.due"),
            "event that changes nothing": (self.road, f"order.seen ({PAID})"),
        }
        for what, (road, label) in events.items():
            invocation = find(road, label)
            cpu = self._measure(invocation)
            if road is self.road:
                self.cpu[label] = cpu
            calls = len([call for call in invocation.calls if call.cached_as is None])
            yield Row(f"advance_journeys, {what}", cpu.ratio, ENGINE_BUDGET, details=cpu.describe(calls))

    def measure_growth(self) -> Iterator[Row]:
        """Measured last: it changes the customer."""
        few = find(self.second_road, f"order.seen ({PLACED})"), find(self.second_road, f"shipment.seen ({SHIPPED})")
        give_a_past(self.shop, find_customer(self.road), LONG_PAST)
        third_road = play_order(self.shop, SHOPPER, 3)
        many = find(third_road, few[0].label), find(third_road, few[1].label)
        for before, after in zip(few, many, strict=True):
            (reads, writes), (more_reads, more_writes) = count_units([before]), count_units([after])
            cpu_ms, more_ms = self._compare(before, after, self.cached)
            what = f"10 → {LONG_PAST:,} messages, {before.label}"
            yield Row(f"CPU, {what}", more_ms / cpu_ms, GROWTH_BUDGET, details=f"{cpu_ms:.2f} → {more_ms:.2f} ms")
            counted = f"{reads:.1f} + {writes:.0f} → {more_reads:.1f} + {more_writes:.0f} read and write units"
            yield Row(f"units, {what}", (more_reads + more_writes) / (reads + writes), GROWTH_BUDGET, details=counted)
        cached, size = publish_many_journeys(self.shop, self.cached, MANY_JOURNEYS)
        cpu_ms, more_ms = self._compare(few[1], few[1], cached)
        details = f"units are the same; the store, read every 30 s by a process, has {size / 1024:.1f} KB then"
        yield Row(
            f"CPU, 6 → {MANY_JOURNEYS} journeys, {few[1].label}",
            more_ms / cpu_ms,
            GROWTH_BUDGET,
            details=details,
        )
        unkeyed = list_unkeyed(self.shop.done)
        details = "each names its keys, so none can notice how many customers there are"
        yield Row("calls of DynamoDB without a key", len(unkeyed), 0, unit="calls", details=details)

    def compute_charges(self) -> tuple[list[Row], dict[str, float], list[str]]:
        """The road's price, what counting adds to it, what it is made of, and the road itself."""
        for invocation in self.road:
            if invocation.label not in self.cpu:
                self.cpu[invocation.label] = self._measure(invocation, rounds=5)
        cpu_ms = {label: cpu.ours_ms for label, cpu in self.cpu.items()}
        counting = [invocation for invocation in self.road if invocation.function == COUNTING]
        used = count_uses([invocation for invocation in self.road if invocation.function != COUNTING], cpu_ms)
        dollars = count_dollars(used, ORDERS)
        made_of = ", ".join(f"{kind} ${amount:.4f}" for kind, amount in dollars.items() if amount)
        row = Row(f"AWS, {ORDERS:,} orders (computed)", sum(dollars.values()), DOLLARS_BUDGET, "$", made_of)
        # A batch takes in what happens to all shoppers in five minutes: this is the price where each is alone in it.
        besides = sum(count_dollars(count_uses(counting, cpu_ms), ORDERS).values())
        details = f"{len(counting)} batches an order where nobody else orders within five minutes; the most it can be"
        alone = Row(f"counting besides, {ORDERS:,} orders (computed)", besides, COUNTING_BUDGET, "$", details)
        return [row, alone], used, [self._describe(invocation) for invocation in self.road]

    def _compare(self, before: Invocation, after: Invocation, cached_after: dict[str, Call]) -> tuple[float, float]:
        """Milliseconds of CPU of each, the least of several turns."""
        turns = [
            (self._measure(before, rounds=9).least_ms, self._measure(after, cached_after, rounds=9).least_ms)
            for _ in range(TURNS)
        ]
        return min(of_before for of_before, _ in turns), min(of_after for _, of_after in turns)

    def _measure(self, invocation: Invocation, cached: dict[str, Call] | None = None, rounds: int = 15) -> Cpu:
        return measure_cpu(
            invocation, self.shop, self.surroundings, self.folder, cached=cached or self.cached, rounds=rounds
        )

    def _describe(self, invocation: Invocation) -> str:
        reads, writes = count_units([invocation])
        calls = len([call for call in invocation.calls if call.cached_as is None])
        cpu_ms = self.cpu[invocation.label].ours_ms
        return f"{invocation.label}: {reads:.1f} read units, {writes:.0f} write units, {calls} calls, {cpu_ms:.2f} ms"


def find(road: list[Invocation], label: str) -> Invocation:
    """The first of its kind."""
    return next(invocation for invocation in road if invocation.label == label)


def measure_size(build: Build) -> Row:
    """Zip and layer, unzipped, with bytecode."""
    size = build.functions_bytes + build.layer_bytes
    return Row("zip and layer, unzipped", size / 1e6, BUDGET_BYTES / 1e6, "MB", build.describe())


def main() -> int:
    """Everything in turn; the exit code."""
    build = build_lambdas(find_host_architecture())
    rows = [measure_size(build)]
    with tempfile.TemporaryDirectory() as name, open_shop() as shop:
        runtime = Path(name) / "runtime"
        runtime.mkdir()
        surroundings = make_surroundings([list_function_folders(build.folder)[0], build.layer], runtime)
        rows.append(measure_warm_webhook(surroundings))
        for function in CLIENTS:
            rows.append(measure_cold_start(function, surroundings, CREDENTIALS | shop.read_environment(function)))
        bench = Bench(shop, surroundings, Path(name))
        rows += bench.measure_engine()
        charges, used, road = bench.compute_charges()
        rows += bench.measure_growth()
        rows += charges
    words, *scores = measure_understanding()
    rows += words
    rows += measure_recommendations()
    print_understanding(*scores)
    print_rows("Budgets, on the built artefacts", rows)
    print(f"Charges: {ASSUMPTIONS}.")
    file = find_state_folder() / "bench.json"
    write_rows(file, rows, used_by_one_order=used, assumptions=ASSUMPTIONS, road=road)
    print(f"Also in {file.name}: what each invocation of the road reads, writes and takes.")
    return 1 if any(row.verdict == "MISSED" for row in rows) else 0


if __name__ == "__main__":
    sys.exit(main())
