"""Grouping and pricing, and settling, against the same rules in SQL on DuckDB and on PostgreSQL.

A whole run of each side gives the figures of both comparisons: each SQL file is timed, and so is each of our stages.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from benchmarks.agreement import same_ledgers
from benchmarks.cleaned import cleaned
from benchmarks.data import Registers, accepted_claims, decoded, registers, with_accepted
from benchmarks.pairs import ratio, seconds
from benchmarks.pricing import Pricing, copy_bandwidth
from benchmarks.results import Part, Target, average, shown
from benchmarks.sql import duckdb_ledger, postgres_ledger
from daatgal.ledger import ledger_table
from daatgal.settlement import settle_claims

if TYPE_CHECKING:
    from collections.abc import Callable

    import pyarrow as pa

    from benchmarks.settings import Settings

UP_TO_PRICE = ("00_book", "01_messages", "02_normalise", "03_group", "04_price")
GROUP_AND_PRICE = ("03_group", "04_price")
NOT_RULES = ("load", "02_normalise", "ledger", "fetch")
Steps = dict[str, float]


class Sides(NamedTuple):
    """The seconds of one pair."""

    ours: Steps
    """decode, price, settle, ledger; price is part of settle too"""
    theirs: Steps
    """by SQL file"""


class Batch(NamedTuple):
    """What both sides start from."""

    claims: pa.Table
    for_sql: pa.Table
    beside: Registers
    insured: pa.Table
    facilities: pa.Table


class Figures(NamedTuple):
    """Seconds from strings to prices, from normalised columns to prices, from strings to ledger, and of the rules."""

    strings_to_prices: float
    columns_to_prices: float
    strings_to_ledger: float
    rules: float


def measure(settings: Settings) -> Part:
    head = ["rows", "peer", "what", "peer, s", "daatgal, s", "we are faster by"]
    table, targets, notes = _against_duckdb(settings)
    if settings.postgres_pairs:
        more, reached = _against_postgres(settings)
        table, targets = [*table, *more], [*targets, *reached]
    notes = [
        (
            "Strings to prices, strings to ledger: both sides start from the same accepted claims as Arrow strings "
            "(decoding and ICD normalisation included) and end with the same columns. PostgreSQL starts from the "
            "claims in its own tables; loading them is not counted. The ledger is fetched as Arrow by each."
        ),
        (
            "Columns to prices (without decode): ours from decoded columns (messages, compiling the book, the "
            "kernels), theirs the SQL files 03 and 04, which start from numbered columns. Rules alone: ours "
            "`settle_claims`, theirs every file but normalising, loading and the ledger."
        ),
        "Our side also checks every value for quarantine and every claim id for repeats, which the SQL does not.",
        *notes,
    ]
    return Part("Grouping, pricing, settling against SQL", head, table, targets, notes)


def _batch(settings: Settings, rows: int) -> Batch:
    import pyarrow.parquet as pq

    data = with_accepted(settings.cache, rows)
    claims, beside = accepted_claims(data), registers(data)
    ignored = decoded(claims, beside).columns.ignored.astype(bool)
    return Batch(
        claims, cleaned(claims, ignored), beside, pq.read_table(data.insured), pq.read_table(data.facilities)
    )


def _ours(batch: Batch) -> tuple[Steps, pa.Table]:
    kept: dict[str, object] = {}

    def timed(name: str, work: Callable[[], object]) -> float:
        def keep() -> None:
            kept[name] = work()

        return seconds(keep)

    steps = {"decode": timed("decoded", lambda: decoded(batch.claims, batch.beside))}
    found = kept["decoded"]
    pricing = Pricing(found, batch.beside)
    steps["price"] = seconds(pricing.all)
    steps["settle"] = timed(
        "settled", lambda: settle_claims(found, batch.beside.facilities, batch.beside.book)
    )
    steps["ledger"] = timed("ledger", lambda: ledger_table(found, kept["settled"], batch.beside.book))
    return steps, kept["ledger"]


def _sides(batch: Batch, peer: str, theirs: Callable[[Steps], pa.Table]) -> tuple[Sides, int]:
    steps: Steps = {}
    their_ledger = theirs(steps)
    our_steps, our_ledger = _ours(batch)
    return Sides(our_steps, steps), same_ledgers(our_ledger, their_ledger, peer)


def _figures(sides: Sides) -> tuple[Figures, Figures]:
    """Theirs, ours."""
    ours, theirs = sides
    loaded = {name: took for name, took in theirs.items() if name != "load"}
    return (
        Figures(
            sum(theirs[name] for name in UP_TO_PRICE),
            sum(theirs[name] for name in GROUP_AND_PRICE),
            sum(loaded.values()),
            sum(took for name, took in theirs.items() if name not in NOT_RULES),
        ),
        Figures(
            ours["decode"] + ours["price"],
            ours["price"],
            ours["decode"] + ours["settle"] + ours["ledger"],
            ours["settle"],
        ),
    )


def _rows_of_table(pairs: list[Sides], rows: int, peer: str) -> tuple[list[list[str]], Figures]:
    theirs, ours = zip(*(_figures(sides) for sides in pairs), strict=True)
    whats = (
        "grouping and pricing, strings to prices",
        "grouping and pricing, columns to prices",
        "settling, strings to ledger",
        "settling, rules alone",
    )
    table, times = [], []
    for k, what in enumerate(whats):
        a, b = [figures[k] for figures in theirs], [figures[k] for figures in ours]
        times.append(ratio(a, b))
        table.append([f"{rows:,}", peer, what, shown(average(a)), shown(average(b)), f"{times[-1]:.1f} ×"])
    return table, Figures(*times)


def _targets(times: Figures, peer: str, price: float, settle: float) -> list[Target]:
    return [
        Target(
            f"grouping and pricing against {peer}",
            f"≥ {price:.0f} ×",
            f"{times.strings_to_prices:.1f} × from strings, {times.columns_to_prices:.1f} × from columns",
            times.strings_to_prices >= price,
        ),
        Target(
            f"settling against {peer}",
            f"≥ {settle:.0f} ×",
            f"{times.strings_to_ledger:.1f} × from strings, {times.rules:.1f} × rules alone",
            times.strings_to_ledger >= settle,
        ),
    ]


def _against_duckdb(settings: Settings) -> tuple[list[list[str]], list[Target], list[str]]:
    batch = _batch(settings, settings.rows)

    def run(steps: Steps) -> pa.Table:
        return duckdb_ledger.run_steps(
            batch.for_sql,
            facilities=batch.facilities,
            book=batch.beside.book.path,
            insured=batch.insured,
            threads=settings.threads,
            memory_limit="12GB",
            on_step=steps.__setitem__,
        )

    _ours(batch)
    pairs, compared = [], 0
    for _ in range(settings.pairs):
        sides, compared = _sides(batch, "DuckDB", run)
        pairs.append(sides)
    table, times = _rows_of_table(pairs, compared, "DuckDB")
    kernel, share = _kernels_alone(batch, pairs)
    notes = [
        f"Ledgers equal on every column: {compared:,} rows against DuckDB, in every pair; PostgreSQL's too.",
        (
            f"Our stages, medians of {settings.pairs}: {_stages([sides.ours for sides in pairs])}. "
            f"DuckDB's files: {_stages([sides.theirs for sides in pairs])}."
        ),
    ]
    targets = [
        *_targets(times, "DuckDB", 30, 10),
        Target(
            "grouping and pricing kernels, share of copy bandwidth",
            "≥ 40 %",
            f"{100 * share:.0f} %",
            share >= 0.4,
        ),
    ]
    return [*table, kernel], targets, notes


def _kernels_alone(batch: Batch, pairs: list[Sides]) -> tuple[list[str], float]:
    """Kernel-only: columns in memory, book compiled, records allocated and touched; against DuckDB's 03 and 04."""
    pricing = Pricing(decoded(batch.claims, batch.beside), batch.beside)
    took = pricing.alone(5)
    bandwidth, touched = copy_bandwidth(), pricing.bytes_touched()
    share = touched / took / bandwidth
    theirs = average([_figures(sides)[0].columns_to_prices for sides in pairs])
    what = (
        f"kernels only: {touched / 1e6:,.0f} MB touched at {touched / took / 1e9:.1f} GB/s, "
        f"{100 * share:.0f} % of a copy's {bandwidth / 1e9:.1f} GB/s"
    )
    return [
        f"{pricing.rows:,}",
        "DuckDB",
        what,
        shown(theirs),
        shown(took),
        f"{theirs / took:.1f} ×",
    ], share


def _against_postgres(settings: Settings) -> tuple[list[list[str]], list[Target]]:
    """JIT on and off; the faster of the two is what we are held against."""
    batch = _batch(settings, settings.postgres_rows)
    _ours(batch)
    tables, figures = [], []
    for jit in (False, True):
        with postgres_ledger.server(postgres_ledger.Settings(threads=settings.threads, jit=jit)) as address:

            def run(steps: Steps, address: str = address) -> pa.Table:
                return postgres_ledger.run_steps(
                    batch.for_sql,
                    facilities=batch.facilities,
                    book=batch.beside.book.path,
                    address=address,
                    insured=batch.insured,
                    on_step=steps.__setitem__,
                )

            found = [_sides(batch, "PostgreSQL", run) for _ in range(settings.postgres_pairs)]
        peer = f"PostgreSQL, JIT {'on' if jit else 'off'}"
        table, times = _rows_of_table([sides for sides, _ in found], found[0][1], peer)
        tables += table
        figures.append(times)
    harder = Figures(*(min(column) for column in zip(*figures, strict=True)))
    return tables, _targets(harder, "PostgreSQL", 300, 100)


def _stages(steps: list[Steps]) -> str:
    return ", ".join(f"{name} {shown(average([one[name] for one in steps]))} s" for name in steps[0])
