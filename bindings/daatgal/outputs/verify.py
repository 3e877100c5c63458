"""Does a results folder hold what its manifest says?

In: a results folder. Out: findings, each naming a file; none if all is well. Reads every byte once for the hashes and
every ledger row for its balance. No kernel lives here.
"""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq

from daatgal.errors import OutputError
from daatgal.outputs.manifest import MANIFEST, TABLES, Content, read_manifest
from daatgal.outputs.totals import (
    AMOUNTS,
    LedgerTotals,
    QuarantineTotals,
    ScoreTotals,
    first_impossible,
    first_unbalanced,
)

COLUMNS_READ = {
    "ledger": ["claim_id", *AMOUNTS, "decision", "reasons"],
    "adjustments": ["claim_id", *AMOUNTS, "decision", "reasons"],
    "scores": ["claim_id", "score", "percentile", "driver", "reasons"],
    "quarantine": ["error_codes", "facility_id"],
}
"""What is read of the tables whose rows are checked or counted; a quarantine may lack the second column."""


@dataclass(frozen=True, slots=True)
class Verification:
    """What was checked, and what was found wrong."""

    run_hash: str | None
    held: bool
    parts: int
    rows: int
    findings: tuple[str, ...]

    @property
    def ok(self) -> bool:
        """Nothing was found wrong."""
        return not self.findings


class _Counted(NamedTuple):
    ledger: LedgerTotals
    quarantine: QuarantineTotals
    scores: ScoreTotals


def verify(directory: Path) -> Verification:
    """Check manifest, parts, row counts, control totals, the balance of every ledger row, and every score."""
    try:
        content = read_manifest(directory)
    except OutputError as error:
        return Verification(None, held=False, parts=0, rows=0, findings=(str(error),))
    findings: list[str] = []
    rows = 0
    counted = _Counted(LedgerTotals(), QuarantineTotals(), ScoreTotals())
    for part in content["parts"]:
        problem = _hash_problem(directory, part)
        if problem is None:
            rows += part["rows"]
            problem = _content_problem(directory, part, counted)
        if problem is not None:
            findings.append(f"{part['path']}: {problem}")
    if not findings:
        findings += _totals_problems(content, counted)
    findings += _unlisted(directory, content)
    return Verification(content["run_hash"], content["held"], len(content["parts"]), rows, tuple(findings))


def _hash_problem(directory: Path, part: Content) -> str | None:
    try:
        with (directory / part["path"]).open("rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        return f"cannot be read ({error.strerror})"
    if found != part["sha256"]:
        return f"its bytes changed: expected sha256 {part['sha256']}, found {found}"
    return None


def _content_problem(directory: Path, part: Content, counted: _Counted) -> str | None:
    table = part["path"].split("/")[0]
    with pq.ParquetFile(directory / part["path"]) as file:
        if file.metadata.num_rows != part["rows"]:
            return f"has {file.metadata.num_rows} rows, the manifest says {part['rows']}"
        if table not in COLUMNS_READ:
            return None
        columns = [name for name in COLUMNS_READ[table] if name in file.schema_arrow.names]
        before = 0
        for batch in file.iter_batches(columns=columns):
            group = pa.Table.from_batches([batch])
            problem = _row_problem(table, group)
            if problem is not None:
                row, what = problem
                return f"row {before + row}, claim {group['claim_id'][row].as_py()}, {what}"
            if table in counted._fields:
                getattr(counted, table).add(group)
            before += group.num_rows
    return None


def _row_problem(table: str, group: pa.Table) -> tuple[int, str] | None:
    """The first row that cannot be right, and how."""
    if table == "quarantine":
        return None
    row = first_impossible(group) if table == "scores" else first_unbalanced(group)
    if row is None:
        return None
    return row, "has no possible score, percentile or shares" if table == "scores" else "does not balance"


def _totals_problems(content: Content, counted: _Counted) -> list[str]:
    totals = content["control_totals"]
    ledger, quarantine, scores = counted
    findings: list[str] = []
    if totals["rows_in"] != ledger.rows + quarantine.rows:
        findings.append(
            f"{MANIFEST}: {totals['rows_in']} rows in, but {ledger.rows} ledger + {quarantine.rows} quarantine"
        )
    found = {"ledger": ledger.as_dict(), "quarantine": quarantine.as_dict()}
    if "scores" in totals:
        found["scores"] = scores.as_dict()
        standing = ledger.rows - ledger.as_dict()["decisions"].get("voided", {"rows": 0})["rows"]
        if ledger.rows and scores.rows != standing:
            findings.append(
                f"{MANIFEST}: {scores.rows} scored claims, expected the {standing} that are not voided"
            )
    findings += [
        f"{MANIFEST}: the control totals of {table} are not those of its rows"
        for table in found
        if totals[table] != found[table]
    ]
    return findings


def _unlisted(directory: Path, content: Content) -> list[str]:
    """Files in the table folders that the manifest does not list: a reader by pattern would take them for results."""
    listed = {part["path"] for part in content["parts"]}
    found = sorted(
        path.relative_to(directory).as_posix()
        for table in TABLES
        for path in (directory / table).rglob("*")
        if path.is_file()
    )
    return [f"{path}: is not listed in {MANIFEST}" for path in found if path not in listed]
