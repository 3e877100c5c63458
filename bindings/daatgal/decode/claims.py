"""Decode: a claim table of any layout becomes the canonical columns, and what cannot be read goes to quarantine.

In: claims, and the claims of earlier nights that are judged again. Out: `Decoded`. Source: contract; rules §0.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from daatgal.decode.accepted import accepted_columns, accepted_table, shared_columns
from daatgal.decode.arrays import frozen
from daatgal.decode.columns_read import ReadColumns, read_columns
from daatgal.decode.duplicates import repeated_rows
from daatgal.decode.faults import bit, mark
from daatgal.decode.identity import first_rows, partition_bits, partitioned, rows_of, take_ids
from daatgal.decode.judged import Judged, judge
from daatgal.decode.kept import keep_rows
from daatgal.decode.persons import fill_from
from daatgal.decode.quarantine import quarantine_table
from daatgal.errors import InputError
from daatgal_engine.clinical_codes import MALFORMED
from daatgal_engine.columns import I64, MESSAGE_ORIGINAL, ClaimColumns
from daatgal_engine.lines import MISSING_TARGET, ON_CYCLE, REACHES_ORIGINAL, UNRESOLVED, resolve_lines
from daatgal_engine.written_values import ABSENT

if TYPE_CHECKING:
    from daatgal.facilities import Facilities
    from daatgal.insured import Insured
    from daatgal.tariff.book import TariffBook
    from daatgal_engine.ids import Partitions


@dataclass(frozen=True)
class Decoded:
    """The claims of a batch that can be read, and those that cannot."""

    columns: ClaimColumns
    """n rows: the accepted claims in input order, then the earlier ones"""
    table: pa.Table
    """the same rows in the contract's columns and types, further columns of the input behind them"""
    rows: I64
    """n: the input position of each row; -1: a claim of an earlier night"""
    quarantine: pa.Table
    """the other rows of the input, by position"""
    input_rows: int
    dictionaries: dict[str, pa.Array]
    """what the codes of department, specialty, service and site stand for: string arrays"""
    target: I64
    """n: the row that a message aims at; -1: an original"""
    original: I64
    """n: the row of the original of the claim's line; its own for originals"""


def decode(
    claims: pa.Table,
    *,
    book: TariffBook,
    facilities: Facilities,
    insured: Insured | None = None,
    earlier: pa.Table | None = None,
    held_ids: pa.Array | None = None,
) -> Decoded:
    """Read a batch of claims.

    `earlier`: claims that earlier nights accepted and that are judged again; they are never quarantined.
    `held_ids`: claim ids of this batch that the history holds. Raises InputError where a table as a whole cannot be
    read; a row that cannot be read goes to quarantine.
    """
    read = read_columns(claims, earlier, held_ids, book.timezone)
    judged = judge(read, book, facilities)
    by_id = partitioned(read.ids["claim_id"].ids, partition_bits(read.rows))
    _mark_duplicates(read, judged, claims, by_id, held_ids)
    judged.faults[read.new_rows :] = 0
    target, original = _resolve_messages(read, judged, by_id, held_ids)
    del by_id
    faults = judged.faults[: read.new_rows]
    kept = None if not faults.any() else np.flatnonzero(judged.faults == 0)
    rows = np.arange(read.rows, dtype=np.int64)
    rows[read.new_rows :] = -1
    if kept is not None:
        rows = rows[kept]
        target, original = _renumbered(target, kept, read.rows), _renumbered(original, kept, read.rows)
        read, judged = keep_rows(read, judged, kept)
    persons = fill_from(insured, read, judged, book.exemption_categories)
    shared = shared_columns(read)
    return Decoded(
        columns=accepted_columns(read, judged, persons, shared),
        table=accepted_table(read, claims, earlier, shared, kept),
        rows=frozen(rows),
        quarantine=quarantine_table(claims, faults),
        input_rows=claims.num_rows,
        dictionaries={
            "department": read.coded["department_id"].values,
            "specialty": read.coded["specialty"].values,
            "service": read.coded["service_code"].values,
            "site": read.coded["site"].values,
        },
        target=frozen(target),
        original=frozen(original),
    )


def _renumbered(rows: I64, kept: I64, count: int) -> I64:
    """Point the kept rows to the new places of the rows they point to; -1 stays."""
    place = np.full(count + 1, -1, np.int64)
    place[kept] = np.arange(len(kept))
    return place[rows[kept]]


def _mark_duplicates(
    read: ReadColumns, judged: Judged, claims: pa.Table, by_id: Partitions, held_ids: pa.Array | None
) -> None:
    first = first_rows(by_id, read.rows)
    if first is not None:
        codes = read.coded["icd10"].codes
        decoded = [
            judged.icd10,
            np.where(judged.icd10 == MALFORMED, codes, -1),
            judged.message,
            np.where(read.fixed["quantity"].values == ABSENT, 1, read.fixed["quantity"].values),
            judged.sex,
            judged.birth_day,
            judged.test_result,
            judged.ignored,
        ]
        goes = repeated_rows(first, read, decoded, claims)
        mark(judged.faults, goes, "DUPLICATE_CLAIM_ID", "claim_id")
    if held_ids is not None and len(held_ids):
        column = read.ids["claim_id"].column
        held = pc.is_in(column, value_set=held_ids.cast(column.type)).to_numpy()
        mark(judged.faults, held, "DUPLICATE_CLAIM_ID", "claim_id")


def _resolve_messages(
    read: ReadColumns, judged: Judged, by_id: Partitions, held_ids: pa.Array | None
) -> tuple[I64, I64]:
    """Follow the messages of all rows without a fault; mark those that reach no original."""
    target = np.full(read.rows, -1, np.int64)
    original = np.arange(read.rows, dtype=np.int64)
    good = judged.faults == 0
    messages = np.flatnonzero(good & (judged.message != MESSAGE_ORIGINAL))
    if len(messages) == 0:
        return target, original
    names = take_ids(read.ids["replaces_claim_id"].ids, messages)
    if held_ids is not None and len(held_ids):
        # A row that was sent again comes before the row that the history holds, and is not what is meant.
        rows = np.flatnonzero(good)
        held = partitioned(take_ids(read.ids["claim_id"].ids, rows), partition_bits(len(rows)))
        sought = np.append(rows, -1)[rows_of(held, names)]
    else:
        sought = rows_of(by_id, names)
        sought[sought >= 0] = np.where(good[sought[sought >= 0]], sought[sought >= 0], -1)
    target[messages] = sought
    # A faulty row is nobody's target, so it is none of the messages.
    line = np.full(read.rows, REACHES_ORIGINAL, np.int8)
    line[messages] = UNRESOLVED
    resolve_lines(frozen(messages), frozen(target), original, line)
    reached = line[messages]
    lost = messages[reached >= MISSING_TARGET]
    if len(lost) and lost[-1] >= read.new_rows:
        first = int(lost[np.searchsorted(lost, read.new_rows)])
        claim_id = read.ids["claim_id"].column[first].as_py()
        raise InputError(
            f"history: found message {claim_id!r} without the claim that it aims at, expected its whole line"
        )
    for outcome, code in ((ON_CYCLE, "MESSAGE_CYCLE"), (MISSING_TARGET, "MISSING_TARGET")):
        judged.faults[messages[reached == outcome]] |= bit(code, "replaces_claim_id")
    return target, original
