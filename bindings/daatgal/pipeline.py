"""The flow, as the diagram of the design reads: claims → decode → messages → price → settle → ledger.

In: claims and the tables beside them, from files or any Arrow object. Out: `Settlement`, Arrow tables in memory, or, by
`run_night`, a folder of results. Nothing is written unless asked.
"""

from __future__ import annotations

import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from daatgal.decode import decode
from daatgal.facilities import load_facilities
from daatgal.insured import load_insured
from daatgal.ledger import ledger_table
from daatgal.nights.adjustments import changes
from daatgal.nights.decisions import decisions_in_force, overridden, read_decisions
from daatgal.nights.keep import ids_table, state_table
from daatgal.nights.layers import layers_of, newest_run
from daatgal.nights.recall import recall
from daatgal.outputs import InputFile, RunIdentity, hash_path, open_run, read_manifest
from daatgal.settlement import settle_claims
from daatgal.sources import read_table
from daatgal.summary import summary_table
from daatgal.tariff import load_tariff
from daatgal.tariff.book import TariffBook

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Sequence

    from daatgal.decode import Decoded
    from daatgal.outputs.identity import Scalar
    from daatgal.sampling.month_to_close import MonthToClose
    from daatgal.sources import Source

HELD_SHARE_BP = 500
"""More quarantined rows than this, in basis points of all, hold a run."""
WHOLE_BP = 10_000
BEFORE_ANY_CLAIM = date(1990, 1, 1)
"""The day of a night that has neither claims nor a history."""


@dataclass(frozen=True)
class Settlement:
    """What settling a batch gives: the tables of contract.md."""

    ledger: pa.Table
    quarantine: pa.Table
    adjustments: pa.Table
    """earlier claims of which any ledger column changed"""
    summary: pa.Table
    state: pa.Table
    """what later nights read: every judged claim with its outcome"""
    ids: pa.Table
    """hashes of the new claim ids"""
    as_of: date
    """the day that decides which earlier years are closed"""
    held: bool
    """more than the allowed share of rows is in quarantine"""
    seconds: dict[str, float] = field(compare=False)
    """by stage"""


@dataclass(frozen=True)
class Night:
    """A run on disk."""

    manifest: dict[str, Any]
    unchanged: bool
    """the same run was there already: nothing was written"""


class _Stages:
    """Seconds by stage, and a word to whoever watches."""

    def __init__(self, progress: Callable[[str], None]) -> None:
        self.progress = progress
        self.seconds: dict[str, float] = {}

    @contextmanager
    def __call__(self, name: str) -> Generator[None, None, None]:
        self.progress(name)
        started = time.perf_counter()
        yield
        self.seconds[name] = time.perf_counter() - started


def _silent(stage: str) -> None:
    del stage


def settle(
    claims: Source,
    *,
    facilities: Source,
    tariff: TariffBook | str | Path,
    insured: Source | None = None,
    history: Sequence[Settlement | Path | str] = (),
    decisions: Source | None = None,
    as_of: date | None = None,
    held_share_bp: int = HELD_SHARE_BP,
    progress: Callable[[str], None] = _silent,
) -> Settlement:
    """Settle a night's claims together with the earlier claims of the same people.

    Every table may be a Parquet, Arrow IPC or CSV file, a folder of them, or any object with `__arrow_c_stream__`.
    `history` are earlier settlements or results folders, newest last. `as_of` is the last day on which a claim of this
    night was sent (or ended), unless given; of a night without claims, that of the night before. Raises InputError,
    TariffError, AmountError; a row that cannot be read is in `quarantine`, never an error.
    """
    stage = _Stages(progress)
    with stage("reading"):
        book = tariff if isinstance(tariff, TariffBook) else load_tariff(tariff)
        places = load_facilities(facilities, book)
        people = None if insured is None else load_insured(insured)
        table = read_table(claims)
        decided = None if decisions is None else read_decisions(read_table(decisions), book.timezone)
    with stage("recalling"):
        layers = layers_of(history)
        earlier, held_ids = recall(table, None if decided is None else decided.claim_id, layers)
    with stage("decoding"):
        decoded = decode(
            table, book=book, facilities=places, insured=people, earlier=earlier, held_ids=held_ids
        )
    with stage("settling"):
        claim_ids = decoded.table["claim_id"]
        manual = decisions_in_force(claim_ids, earlier, decided)
        settled = overridden(settle_claims(decoded, places, book), manual, claim_ids)
    with stage("ledger"):
        judged = ledger_table(decoded, settled, book)
        new = judged.num_rows - (0 if earlier is None else earlier.num_rows)
        ledger = judged.slice(0, new)
        as_of = as_of or _last_day(decoded, new) or (layers[-1].as_of if layers else BEFORE_ANY_CLAIM)
        changed = changes(judged.slice(new), earlier, as_of)
        return Settlement(
            ledger=ledger,
            quarantine=decoded.quarantine,
            adjustments=changed.adjustments,
            summary=summary_table(ledger, *changed),
            state=state_table(decoded, judged, manual),
            ids=ids_table(decoded),
            as_of=as_of,
            held=decoded.quarantine.num_rows * WHOLE_BP > held_share_bp * decoded.input_rows,
            seconds=stage.seconds,
        )


def _last_day(decoded: Decoded, new: int) -> date | None:
    """The last day on which one of the new claims was sent, or ended."""
    times = decoded.table.select(["submitted_at", "end_at"]).slice(0, new)
    last = pc.max(pc.coalesce(times["submitted_at"], times["end_at"])).as_py()
    return None if last is None else last.date()


def run_night(
    *,
    claims: str | Path,
    facilities: str | Path,
    tariff: str | Path,
    out: Path,
    insured: str | Path | None = None,
    history: Sequence[Path] = (),
    decisions: str | Path | None = None,
    as_of: date | None = None,
    held_share: int = HELD_SHARE_BP,
    closing: MonthToClose | None = None,
    progress: Callable[[str], None] = _silent,
) -> Night:
    """Settle a night into the folder `out`: whole or not at all; the same run again changes nothing.

    With `closing`, the night closes a month: its sample is drawn over the history and this night, into the same folder.
    """
    book = load_tariff(tariff)
    tables = {"claims": claims, "facilities": facilities, "insured": insured, "decisions": decisions}
    inputs = tuple(
        InputFile(role, Path(path).name, hash_path(Path(path)))
        for role, path in tables.items()
        if path is not None
    )
    parameters: dict[str, Scalar] = {
        "held_share_bp": held_share,
        "as_of": None if as_of is None else as_of.isoformat(),
    }
    if closing is not None:
        inputs += closing.inputs()
        parameters |= closing.parameters()
    identity = RunIdentity(inputs, book.name, book.sha256, parameters, previous_run=newest_run(history))
    with open_run(out, identity) as run:
        if run is None:
            return Night(read_manifest(out), unchanged=True)
        settlement = settle(
            claims,
            facilities=facilities,
            tariff=book,
            insured=insured,
            history=history,
            decisions=decisions,
            as_of=as_of,
            held_share_bp=held_share,
            progress=progress,
        )
        stage = _Stages(progress)
        totals: dict[str, Any] = {}
        if closing is not None:
            with stage("drawing"):
                closed = closing.close(settlement, facilities)
            run.write_table("frame", closed.frame)
            run.write_table("sample", closed.sample)
            totals["sample"] = closed.facts
        with stage("writing"):
            for name in ("ledger", "quarantine", "adjustments", "summary", "state", "ids"):
                run.write_table(name, getattr(settlement, name))
        rows = settlement.ledger.num_rows + settlement.quarantine.num_rows
        manifest = run.finish(
            input_rows={"claims": rows},
            timings=settlement.seconds | stage.seconds,
            withheld=settlement.held,
            control_totals=totals
            | {
                "adjustments": settlement.adjustments.num_rows,
                "as_of": settlement.as_of.isoformat(),
            },
        )
    return Night(manifest, unchanged=False)
