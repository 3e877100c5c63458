"""Does a results folder hold what its manifest says?

In: a results folder. Out: findings, each naming a file; none if all is well. Reads every byte once for the hashes and
every ledger row for its balance. No kernel lives here.
"""

import hashlib
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from daatgal.errors import OutputError
from daatgal.outputs.commit import TABLES
from daatgal.outputs.manifest import MANIFEST, Content, read_manifest
from daatgal.outputs.totals import AMOUNTS, LedgerTotals, QuarantineTotals, first_unbalanced

BALANCED = ("ledger", "adjustments")


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


def verify(directory: Path) -> Verification:
    """Check manifest, parts, row counts, control totals and the balance of every ledger row."""
    try:
        content = read_manifest(directory)
    except OutputError as error:
        return Verification(None, held=False, parts=0, rows=0, findings=(str(error),))
    findings: list[str] = []
    rows = 0
    ledger, quarantine = LedgerTotals(), QuarantineTotals()
    for part in content["parts"]:
        problem = _hash_problem(directory, part)
        if problem is None:
            rows += part["rows"]
            problem = _content_problem(directory, part, ledger, quarantine)
        if problem is not None:
            findings.append(f"{part['path']}: {problem}")
    if not findings:
        findings += _totals_problems(content, ledger, quarantine)
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


def _content_problem(
    directory: Path, part: Content, ledger: LedgerTotals, quarantine: QuarantineTotals
) -> str | None:
    table = part["path"].split("/")[0]
    with pq.ParquetFile(directory / part["path"]) as file:
        if file.metadata.num_rows != part["rows"]:
            return f"has {file.metadata.num_rows} rows, the manifest says {part['rows']}"
        if table in BALANCED:
            columns = ["claim_id", *AMOUNTS, "decision", "reasons"]
        elif table == "quarantine":
            columns = [name for name in ("error_codes", "facility_id") if name in file.schema_arrow.names]
        else:
            return None
        before = 0
        for batch in file.iter_batches(columns=columns):
            group = pa.Table.from_batches([batch])
            if table == "quarantine":
                quarantine.add(group)
                continue
            row = first_unbalanced(group)
            if row is not None:
                claim = group["claim_id"][row].as_py()
                return f"row {before + row}, claim {claim}, does not balance"
            if table == "ledger":
                ledger.add(group)
            before += group.num_rows
    return None


def _totals_problems(content: Content, ledger: LedgerTotals, quarantine: QuarantineTotals) -> list[str]:
    totals = content["control_totals"]
    findings: list[str] = []
    if totals["rows_in"] != ledger.rows + quarantine.rows:
        findings.append(
            f"{MANIFEST}: {totals['rows_in']} rows in, but {ledger.rows} ledger + {quarantine.rows} quarantine"
        )
    found = {"ledger": ledger.as_dict(), "quarantine": quarantine.as_dict()}
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
