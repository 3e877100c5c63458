"""What every side judges: claims, the tables beside them and a tariff book, as given and as the SQL wants them.

The SQL starts from rows that are through quarantine; those come from the oracle's reading of them, so that no side
starts from what the product has read.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import pyarrow as pa

from benchmarks.sql import inputs
from daatgal.sources import read_table
from tests.adversarial.books import write_adversarial_book
from tests.adversarial.claims import claims
from tests.adversarial.registers import facilities, insured
from tests.adversarial.table import facilities_table, insured_table, to_table
from tests.oracle import read_book
from tests.oracle.decode import decode
from tests.oracle.messages import resolve
from tests.oracle.registers import Registers, read_registers

BATCH_ROWS = 50_000
ROWS_PER_PERSON = 60
RENAMED = {"drg_code": "drg_claimed"}
"""Columns that the oracle's claims have under another name."""


@dataclass(frozen=True)
class Accepted:
    """A batch's accepted rows, and its registers, in the SQL's columns and types."""

    claims: pa.Table
    facilities: pa.Table
    insured: pa.Table | None


@dataclass(frozen=True)
class Batch:
    """Claims that are judged together."""

    name: str
    claims: pa.Table
    facilities: pa.Table
    insured: pa.Table | None
    book: Path

    @cached_property
    def registers(self) -> Registers:
        """The facilities, the insured and the book in the oracle's reading."""
        people = None if self.insured is None else self.insured.to_pylist()
        return read_registers(read_book(self.book), self.facilities.to_pylist(), people)

    @cached_property
    def accepted(self) -> Accepted:
        """What the SQL is given."""
        registers = self.registers
        decoded = decode(self.claims.to_pylist(), registers.book, registers.facility_ids)
        resolve(decoded)
        rows = [vars(claim) for claim in decoded if not claim.faults]
        people = None
        if registers.insured is not None:
            people = _table(_flat(registers.insured), inputs.INSURED)
        places = [row | {"level": row["level"] and int(row["level"])} for row in _flat(registers.facilities)]
        return Accepted(_table(rows, inputs.CLAIMS), _table(places, inputs.FACILITIES), people)

    def of_rows(self, rows: Sequence[int]) -> "Batch":
        """The batch of some rows of this one, in their order."""
        return replace(self, claims=self.claims.take(pa.array(rows, pa.int64())))


def _flat(periods: Mapping[Any, list[dict]]) -> list[dict]:
    return [row for rows in periods.values() for row in rows]


def _table(rows: list[dict], columns: Mapping[str, pa.DataType | None]) -> pa.Table:
    arrays = {}
    for name, kind in columns.items():
        values = [row[RENAMED.get(name, name)] for row in rows]
        arrays[name] = pa.array(values, kind or _id_type(values))
    return pa.table(arrays)


def _id_type(values: Iterable[object]) -> pa.DataType:
    return pa.int64() if any(isinstance(value, int) for value in values) else pa.string()


def awkward_batches(rows: int, seed: int, folder: Path, batch_rows: int = BATCH_ROWS) -> Iterator[Batch]:
    """Adversarial claims, `rows` or a few more in all, a batch and a book for each seed from `seed` on.

    Ids are strings and integers by turns, every fourth batch is without insured, every fifth comes as text.
    """
    for number, begin in enumerate(range(0, rows, batch_rows)):
        size = min(batch_rows, rows - begin)
        people = max(8, size // ROWS_PER_PERSON)
        ids = ("string", "int64")[number % 2]
        drawn = claims(size, seed + number, people=people, ids=ids, untyped=number % 5 == 2)
        covered = insured_table(insured(people, seed + number, ids)) if number % 4 != 3 else None
        book = write_adversarial_book(folder / str(seed + number), seed + number)
        yield Batch(
            f"seed {seed + number}, ids {ids}", to_table(drawn), facilities_table(facilities()), covered, book
        )


def batch_of_files(path: Path, facilities: Path | None, insured: Path | None, book: Path) -> Batch:
    """A claim file; its facilities are beside it unless given."""
    if facilities is None:
        facilities = next(path.parent.glob("facilities.*"))
    people = None if insured is None else read_table(insured)
    return Batch(f"{path.parent.name}/{path.name}", read_table(path), read_table(facilities), people, book)
