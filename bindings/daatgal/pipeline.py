"""The flow, as the diagram of the design reads: claims → decode → messages → price → settle → ledger.

In: claims and the tables beside them, from files or any Arrow object. Out: `Settlement`, Arrow tables in memory, or, by
`run_night`, a folder of results. Nothing is written unless asked.
"""

from __future__ import annotations

import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from daatgal.decode import decode
from daatgal.facilities import load_facilities
from daatgal.insured import load_insured
from daatgal.ledger import ledger_table
from daatgal.outputs import InputFile, RunIdentity, hash_path, open_run, read_manifest
from daatgal.settlement import settle_claims
from daatgal.sources import read_table
from daatgal.summary import summary_table
from daatgal.tariff import load_tariff
from daatgal.tariff.book import TariffBook

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import pyarrow as pa

    from daatgal.sources import Source

HELD_SHARE_BP = 500
"""More quarantined rows than this, in basis points of all, hold a run."""
WHOLE_BP = 10_000


@dataclass(frozen=True)
class Settlement:
    """What settling a batch gives: the tables of contract.md."""

    ledger: pa.Table
    quarantine: pa.Table
    summary: pa.Table
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
    def __call__(self, name: str) -> Iterator[None]:
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
    held_share_bp: int = HELD_SHARE_BP,
    progress: Callable[[str], None] = _silent,
) -> Settlement:
    """Settle a batch of claims by itself.

    Every table may be a Parquet, Arrow IPC or CSV file, a folder of them, or any object with `__arrow_c_stream__`.
    Raises InputError, TariffError, AmountError; a row that cannot be read is in `quarantine`, never an error.
    """
    stage = _Stages(progress)
    with stage("reading"):
        book = tariff if isinstance(tariff, TariffBook) else load_tariff(tariff)
        places = load_facilities(facilities, book)
        people = None if insured is None else load_insured(insured)
        table = read_table(claims)
    with stage("decoding"):
        decoded = decode(table, book=book, facilities=places, insured=people)
    with stage("settling"):
        settled = settle_claims(decoded, places, book)
    with stage("ledger"):
        ledger = ledger_table(decoded, settled, book)
        summary = summary_table(ledger)
    quarantined = decoded.quarantine.num_rows
    return Settlement(
        ledger=ledger,
        quarantine=decoded.quarantine,
        summary=summary,
        held=quarantined * WHOLE_BP > held_share_bp * decoded.input_rows,
        seconds=stage.seconds,
    )


def run_night(
    *,
    claims: str | Path,
    facilities: str | Path,
    tariff: str | Path,
    out: Path,
    insured: str | Path | None = None,
    held_share: int = HELD_SHARE_BP,
    progress: Callable[[str], None] = _silent,
) -> Night:
    """Settle a night into the folder `out`: whole or not at all; the same run again changes nothing."""
    book = load_tariff(tariff)
    tables = {"claims": claims, "facilities": facilities, "insured": insured}
    inputs = tuple(
        InputFile(role, Path(path).name, hash_path(Path(path))) for role, path in tables.items() if path is not None
    )
    identity = RunIdentity(inputs, book.name, book.sha256, {"held_share_bp": held_share})
    with open_run(out, identity) as run:
        if run is None:
            return Night(read_manifest(out), unchanged=True)
        settlement = settle(
            claims, facilities=facilities, tariff=book, insured=insured, held_share_bp=held_share, progress=progress
        )
        stage = _Stages(progress)
        with stage("writing"):
            run.write_table("ledger", settlement.ledger)
            run.write_table("quarantine", settlement.quarantine)
            run.write_table("summary", settlement.summary)
        rows = settlement.ledger.num_rows + settlement.quarantine.num_rows
        manifest = run.finish(
            input_rows={"claims": rows},
            timings=settlement.seconds | stage.seconds,
            withheld=settlement.held,
        )
    return Night(manifest, unchanged=False)
