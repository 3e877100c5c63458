"""Decoded claims in, outcomes out: the kernels of the engine in their order, on a pool of threads.

Row maps run over chunks of rows, the group scan over buckets of people; both release the interpreter, and neither
chunks, buckets nor threads change a result.
"""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pyarrow as pa

from daatgal.errors import AmountError, InputError
from daatgal.tariff.compiled import Compiled, compile_book, frozen, frozen_array
from daatgal_engine.block import CLAIM, note_assessed, note_decoded, note_lines, phase_columns
from daatgal_engine.book import PRICED
from daatgal_engine.columns import I32, I64, U64, ClaimColumns, Ids, rows_between
from daatgal_engine.entitlement import TERMS, admit, entitled_by, exempt, find_copay
from daatgal_engine.people import count_buckets, fill_buckets
from daatgal_engine.placing import PLACE, whereabouts
from daatgal_engine.pricing import price_claims, pricing_columns
from daatgal_engine.settle import settle_bucket
from daatgal_engine.standing import Lines, decide_lines

if TYPE_CHECKING:
    from collections.abc import Iterator

    from daatgal.decode import Decoded
    from daatgal.facilities import Facilities
    from daatgal.tariff.book import TariffBook
    from daatgal_engine.book import Records

CHUNK_ROWS = 1 << 16
BUCKET_ROWS = 1 << 12
"""About this many claims a bucket: its gathered columns fit into a core's second-level cache."""
MOST_BUCKETS = 1 << 14


class Settled(NamedTuple):
    """What the engine says of each decoded row."""

    claims: Records
    """CLAIM; `related` and `case` are rows"""


def settle_claims(
    decoded: Decoded, facilities: Facilities, book: TariffBook, threads: int | None = None
) -> Settled:
    """Price and settle decoded claims.

    Raises AmountError, which names the claim whose price does not fit into int64, and InputError where a claim of the
    history has a care type that the book does not have.
    """
    compiled = compile_book(
        book,
        services=decoded.dictionaries["service"].to_pylist(),
        facility_types=facilities.facility_types,
    )
    with ThreadPoolExecutor(threads or os.cpu_count()) as pool:
        lines = _decide(decoded)
        _refuse_strange_care_types(decoded, lines)
        claims = _assess(decoded, facilities, compiled, lines, pool)
        _settle(decoded.columns, claims, lines, compiled, pool)
    return Settled(claims)


def _refuse_strange_care_types(decoded: Decoded, lines: Lines) -> None:
    strange = np.flatnonzero((decoded.columns.care_type < 0) & (lines.standing != 0))
    if strange.size:
        row = decoded.table.slice(int(strange[0]), 1)
        raise InputError(
            f"claim {row['claim_id'][0].as_py()!r} of the history has care type {row['care_type'][0].as_py()!r}, "
            "which this tariff book does not have; expected a book that knows every care type of earlier nights"
        )


def _decide(decoded: Decoded) -> Lines:
    rows = decoded.columns.message.size
    lines = Lines(
        standing=np.empty(rows, np.uint8),
        reasons=np.empty(rows, np.uint64),
        related=np.empty(rows, np.int64),
        presented_s=np.empty(rows, np.int64),
    )
    decide_lines(decoded.columns, decoded.target, decoded.original, lines)
    return frozen(lines)


def _chunks(rows: int) -> Iterator[tuple[int, int]]:
    for begin in range(0, rows, CHUNK_ROWS):
        yield begin, min(begin + CHUNK_ROWS, rows)


def _assess(
    decoded: Decoded, facilities: Facilities, compiled: Compiled, lines: Lines, pool: ThreadPoolExecutor
) -> Records:
    """Every row map, chunk by chunk while it is in the caches; CLAIM records ready to be settled."""
    claims, book = decoded.columns, compiled.book
    by_price, where = pricing_columns(claims, lines.standing), whereabouts(facilities.columns)
    tables = (book.periods, book.drg_map, book.prices)
    by_terms, by_phase = (
        entitled_by(claims, book.prices.service_of),
        phase_columns(claims, procedure_sets(claims)),
    )
    records = np.recarray(claims.message.size, CLAIM)

    def assess(chunk: tuple[int, int]) -> int:
        begin, end = chunk
        place, priced, terms = (np.recarray(end - begin, layout) for layout in (PLACE, PRICED, TERMS))
        codes = rows_between(by_terms, *chunk)
        overflow = price_claims(tables, where, *by_price.between(*chunk), (place, priced))
        admit(book.admission, facilities.columns, codes, place, terms)
        find_copay(book.copay, codes, place, priced, terms)
        exempt(book.copay, codes, place, terms)
        out = records[begin:end]
        note_decoded(rows_between(by_phase, *chunk), book.periods.stay, begin, out)
        own = slice(begin, end)
        note_lines(lines.reasons[own], lines.related[own], lines.presented_s[own], begin, out)
        note_assessed(place, priced, terms, out)
        return begin + int(overflow) if overflow >= 0 else -1

    for row in pool.map(assess, _chunks(claims.message.size)):
        if row >= 0:
            _refuse_amount(decoded, row)
    return records


def _refuse_amount(decoded: Decoded, row: int) -> None:
    claim_id = decoded.table["claim_id"][row].as_py()
    raise AmountError(
        f"claim {claim_id!r}: its price does not fit into 64 bits; expected a gross amount below 2**63 ₮ "
        "(look at its quantity and at the unit price or base rate that prices it)"
    )


def _settle(
    columns: ClaimColumns, claims: Records, lines: Lines, compiled: Compiled, pool: ThreadPoolExecutor
) -> None:
    def settle(rows: I64) -> None:
        settle_bucket(columns.insured, columns.claim, claims, rows, compiled.rules)

    list(pool.map(settle, people_buckets(columns.insured, lines, pool)))


def people_buckets(insured: Ids, lines: Lines, pool: ThreadPoolExecutor) -> list[I64]:
    """The standing rows by bucket of people, ascending within each: a counting sort by the leading bits of the hash."""
    rows = insured.hash.size
    bits = max(1, min(rows // BUCKET_ROWS, MOST_BUCKETS).bit_length())
    hashes: U64 = insured.hash
    shift = 64 - bits
    chunks = list(_chunks(rows))
    counts = np.zeros((len(chunks), 1 << bits), np.int64)

    def count(k: int) -> None:
        count_buckets(hashes, lines.standing, shift, chunks[k], counts[k])

    list(pool.map(count, range(len(chunks))))
    ends = np.cumsum(counts.sum(axis=0))
    begins = np.concatenate(([0], ends[:-1]))
    cursors = begins + np.cumsum(counts, axis=0) - counts
    out = np.empty(int(ends[-1]), np.int64)

    def fill(k: int) -> None:
        fill_buckets(hashes, lines.standing, shift, chunks[k], (cursors[k], out))

    list(pool.map(fill, range(len(chunks))))
    out.setflags(write=False)
    return [out[begin:end] for begin, end in zip(begins, ends, strict=True) if end > begin]


def procedure_sets(claims: ClaimColumns) -> I32:
    """A code for each claim's set of procedures: equal codes, equal sets (sets are sorted, so equal bytes)."""
    begins = (claims.procedure_offset * claims.procedure.itemsize).astype(np.int32)
    buffers = [None, pa.py_buffer(begins), pa.py_buffer(claims.procedure.view(np.uint8))]
    sets = pa.Array.from_buffers(pa.binary(), claims.message.size, buffers)
    return frozen_array(sets.dictionary_encode().indices.to_numpy())
