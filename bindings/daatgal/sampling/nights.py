"""The nights that a month is closed over.

In: results folders, oldest first, or settlements in memory. Out: `NightTables`, the tables of each that a frame
reads. A gap in the chain, a held run, a part that is missing: refused. No kernel lives here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq

from daatgal.errors import InputError
from daatgal.outputs import read_manifest
from daatgal.outputs.reading import intact, parts_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date
    from pathlib import Path

    from daatgal.pipeline import Settlement

LEDGER_COLUMNS = (
    "claim_id",
    "facility_id",
    "care_type",
    "start_at",
    "decision",
    "gross_mnt",
    "fund_mnt",
    "reasons",
    "case_id",
)
SCORE_COLUMNS = ("claim_id", "score", "percentile", "reasons")


@dataclass(frozen=True)
class NightTables:
    """One night: the month in which it settled, and its tables."""

    name: str
    run_hash: str | None
    """None: in memory, still being written"""
    month: str
    manifest: dict[str, Any]
    """empty where it is in memory"""
    directory: Path | None
    settlement: Settlement | None
    scores_in_memory: pa.Table | None

    @property
    def ledger_rows(self) -> int:
        """How many claims this night judged for the first time."""
        if self.settlement is not None:
            return self.settlement.ledger.num_rows
        return sum(part["rows"] for part in parts_of(self.manifest, "ledger"))

    def table(self, name: str) -> pa.Table:
        """`ledger` or `adjustments`, with the columns that a frame reads."""
        if self.settlement is not None:
            return getattr(self.settlement, name).select(list(LEDGER_COLUMNS))
        found = self._read(name, LEDGER_COLUMNS)
        if found is None:
            raise InputError(
                f"{self.directory}: its manifest lists no {name}; expected the folder of a `daatgal run`"
            )
        return found

    def scores(self) -> pa.Table | None:
        """The scores of this night's claims; None where it was not scored."""
        if self.settlement is not None:
            return (
                None if self.scores_in_memory is None else self.scores_in_memory.select(list(SCORE_COLUMNS))
            )
        return self._read("scores", SCORE_COLUMNS)

    def _read(self, name: str, columns: Sequence[str]) -> pa.Table | None:
        assert self.directory is not None
        tables = [
            pq.read_table(intact(self.directory, part), columns=list(columns))
            for part in parts_of(self.manifest, name)
        ]
        return pa.concat_tables(tables) if tables else None


def nights_on_disk(directories: Sequence[Path]) -> list[NightTables]:
    """The nights of results folders, oldest first.

    They may begin anywhere in a chain, and have to be without a gap from there. Raises InputError where a folder does
    not name the one before it, or is held, or is no night.
    """
    nights: list[NightTables] = []
    for directory in directories:
        manifest = read_manifest(directory)
        if manifest["held"]:
            raise InputError(
                f"{directory}: this run is held; `daatgal release` it before its month is closed"
            )
        as_of = manifest["control_totals"].get("as_of")
        if as_of is None:
            raise InputError(
                f"{directory}: its manifest has no as_of; expected the folder of a `daatgal run`"
            )
        before = nights[-1].run_hash if nights else manifest["previous_run"]
        if manifest["previous_run"] != before:
            raise InputError(
                f"{directory}: is not the night after {nights[-1].name}; expected every night of the month, "
                "oldest first, each naming the one before it"
            )
        nights.append(
            NightTables(directory.name, manifest["run_hash"], as_of[:7], manifest, directory, None, None)
        )
    return nights


def night_in_memory(
    settlement: Settlement, scores: pa.Table | None = None, name: str = "this night"
) -> NightTables:
    """A night that is being written, with its scores where it has them."""
    return NightTables(name, None, _month(settlement.as_of), {}, None, settlement, scores)


def _month(day: date) -> str:
    return f"{day:%Y-%m}"
