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

from daatgal.decode.arrays import on_cache_lines, seats
from daatgal.errors import AmountError, InputError
from daatgal.tariff.compiled import Compiled, compile_book, frozen, frozen_array
from daatgal_engine.book import PRICED
from daatgal_engine.claim_records import SEATED, PhaseColumns, note_claims, phase_columns
from daatgal_engine.columns import I32, I64, MESSAGE_ORIGINAL, U32, ClaimColumns, Ids, rows_between
from daatgal_engine.entitlement import TERMS, admit, entitled_by, exempt, find_copay
from daatgal_engine.outcomes import OUTCOME, note_outcomes, note_told
from daatgal_engine.people import count_buckets, seat_claims
from daatgal_engine.placing import PLACE, whereabouts
from daatgal_engine.pricing import price_claims, pricing_columns
from daatgal_engine.settle import Batch, settle_people
from daatgal_engine.standing import Lines, Told, decide_lines

if TYPE_CHECKING:
    from collections.abc import Iterator

    from daatgal.decode import Decoded
    from daatgal.facilities import Facilities
    from daatgal.tariff.book import TariffBook
    from daatgal_engine.book import Records

CHUNK_ROWS = 1 << 16
BUCKET_ROWS = 1 << 11
"""About this many claims a bucket: as they came and arranged, they fit into a core's second-level cache."""
MOST_BUCKETS = 1 << 14
BUCKETS_A_CALL = 32
"""Settled without coming back to Python."""


class Settled(NamedTuple):
    """What the engine says of each decoded row."""

    claims: Records
    """OUTCOME"""


def settle_claims(
    decoded: Decoded, facilities: Facilities, book: TariffBook, threads: int | None = None
) -> Settled:
    """Price and settle decoded claims.

    Raises AmountError, which names the claim whose price does not fit into int64, and InputError where a claim of the
    history has a care type that the book does not have.
    """
    with ThreadPoolExecutor(threads or os.cpu_count()) as pool:
        standing, sets = pool.submit(decided_lines, decoded), pool.submit(procedure_sets, decoded.columns)
        compiled = compile_book(
            book,
            services=decoded.dictionaries["service"].to_pylist(),
            facility_types=facilities.facility_types,
        )
        lines = standing.result()
        _refuse_strange_care_types(decoded, lines)
        buckets = _buckets(decoded.columns.insured, lines, pool)
        by_phase = phase_columns(decoded.columns, sets.result())
        batch = _assess(decoded, facilities, compiled, (lines, buckets, by_phase), pool)
        _settle(buckets.bounds, batch, compiled, pool)
    return Settled(batch.outcomes)


def _refuse_strange_care_types(decoded: Decoded, lines: Lines) -> None:
    strange = np.flatnonzero(decoded.columns.care_type < 0)
    strange = strange[lines.standing[strange] != 0]
    if strange.size:
        row = decoded.table.slice(int(strange[0]), 1)
        raise InputError(
            f"claim {row['claim_id'][0].as_py()!r} of the history has care type {row['care_type'][0].as_py()!r}, "
            "which this tariff book does not have; expected a book that knows every care type of earlier nights"
        )


def decided_lines(decoded: Decoded) -> Lines:
    """Which claims stand, and what the messages, which are few, say of their lines."""
    claims = decoded.columns
    messages = np.flatnonzero(claims.message != MESSAGE_ORIGINAL)
    original = decoded.original[messages]
    by_line = np.argsort(original, kind="stable")
    messages, original = frozen_array(messages[by_line]), frozen_array(original[by_line])
    room = 2 * messages.size
    told = Told(
        row=np.empty(room, np.int64),
        reasons=np.empty(room, np.uint64),
        related=np.empty(room, np.int64),
        presented_s=np.empty(room, np.int64),
    )
    lines = Lines(np.ones(claims.message.size, np.uint8), told)
    count = decide_lines(claims, decoded.target, messages, original, lines)
    ascending = np.argsort(told.row[:count])
    row, reasons, related, presented_s = told
    told = Told(row[ascending], reasons[ascending], related[ascending], presented_s[ascending])
    return frozen(lines._replace(told=told))


def chunks_of(rows: int) -> Iterator[tuple[int, int]]:
    """The rows from, the rows to, of each chunk that a row map takes at a time."""
    for begin in range(0, rows, CHUNK_ROWS):
        yield begin, min(begin + CHUNK_ROWS, rows)


def _assess(
    decoded: Decoded,
    facilities: Facilities,
    compiled: Compiled,
    known: tuple[Lines, Buckets, PhaseColumns],
    pool: ThreadPoolExecutor,
) -> Batch:
    """Every row map, chunk by chunk while it is in the caches; claims seated by bucket, ready to be settled."""
    claims, book = decoded.columns, compiled.book
    lines, buckets, by_phase = known
    by_price, where = pricing_columns(claims, lines.standing), whereabouts(facilities.columns)
    tables = (book.periods, book.drg_map, book.prices)
    by_terms = entitled_by(claims, book.prices.service_of)
    seated = on_cache_lines(int(buckets.bounds[-1]), SEATED)
    outcomes = on_cache_lines(claims.message.size, OUTCOME)

    def assess(chunk: tuple[int, int]) -> int:
        begin, end = chunk
        place, priced, terms = (np.recarray(end - begin, layout) for layout in (PLACE, PRICED, TERMS))
        codes = rows_between(by_terms, *chunk)
        overflow = price_claims(tables, where, *by_price.between(*chunk), (place, priced))
        admit(book.admission, facilities.columns, codes, place, terms)
        find_copay(book.copay, codes, place, priced, terms)
        exempt(book.copay, codes, place, terms)
        own = slice(begin, end)
        seat = np.empty(end - begin, np.int64)
        cursor = buckets.cursor[begin // CHUNK_ROWS]
        seat_claims(claims.insured.hash[own], lines.standing[own], buckets.shift, cursor, seat)
        note_claims(
            rows_between(by_phase, *chunk), book.periods.stay, (place, priced, terms), (begin, seat), seated
        )
        note_outcomes(priced, begin, seat, outcomes[own])
        first, last = np.searchsorted(lines.told.row, chunk)
        told = rows_between(lines.told, int(first), int(last))
        note_told(told, begin, seat, seated, outcomes[own])
        return begin + int(overflow) if overflow >= 0 else -1

    for row in pool.map(assess, chunks_of(claims.message.size)):
        if row >= 0:
            _refuse_amount(decoded, row)
    return Batch(claims.insured, claims.claim, seated, outcomes)


def _refuse_amount(decoded: Decoded, row: int) -> None:
    claim_id = decoded.table["claim_id"][row].as_py()
    raise AmountError(
        f"claim {claim_id!r}: its price does not fit into 64 bits; expected a gross amount below 2**63 ₮ "
        "(look at its quantity and at the unit price or base rate that prices it)"
    )


def _settle(bounds: I64, batch: Batch, compiled: Compiled, pool: ThreadPoolExecutor) -> None:
    def settle(k: int) -> None:
        settle_people(frozen_array(bounds[k : k + BUCKETS_A_CALL + 1]), batch, compiled.rules)

    list(pool.map(settle, range(0, bounds.size - 1, BUCKETS_A_CALL)))


class Buckets(NamedTuple):
    """Seats for the standing claims, arranged by bucket of people; a bucket is the leading bits of a hash."""

    shift: int
    """of a hash that leaves the number of its bucket"""
    bounds: I64
    """buckets + 1: the seats of bucket `b` are `bounds[b] : bounds[b + 1]`"""
    cursor: I64
    """(chunks, buckets): the seat of a chunk's first claim in a bucket; rows ascend within a bucket"""


def _buckets(insured: Ids, lines: Lines, pool: ThreadPoolExecutor) -> Buckets:
    rows = insured.hash.size
    bits = max(1, min(rows // BUCKET_ROWS, MOST_BUCKETS).bit_length())
    chunks = list(chunks_of(rows))
    counts = np.zeros((len(chunks), 1 << bits), np.int64)

    def count(k: int) -> None:
        count_buckets(insured.hash, lines.standing, 64 - bits, chunks[k], counts[k])

    list(pool.map(count, range(len(chunks))))
    return Buckets(64 - bits, *seats(counts))


def procedure_sets(claims: ClaimColumns) -> I32:
    """A code for each claim's set of procedures: equal codes, equal sets.

    None is 0, one is its own code, which is four characters and so a large number; several have negative ones (sets are
    sorted, so equal sets have equal bytes).
    """
    offset = claims.procedure_offset
    codes = np.zeros(offset.size - 1, np.int32)
    listed = np.flatnonzero(offset[1:] != offset[:-1])
    begin, size = offset[listed], offset[listed + 1] - offset[listed]
    codes[listed] = claims.procedure[begin]
    several = size > 1
    codes[listed[several]] = _set_codes(claims.procedure, begin[several], size[several])
    return frozen_array(codes)


def _set_codes(procedure: U32, begin: I64, size: I64) -> I32:
    """A negative code for each of the sets that begin at `begin` in `procedure`."""
    ends = np.cumsum(size)
    own = np.arange(size.sum()) + np.repeat(begin - ends + size, size)
    offset = np.concatenate(([0], ends * procedure.itemsize)).astype(np.int32)
    buffers = [None, pa.py_buffer(offset), pa.py_buffer(procedure[own].view(np.uint8))]
    sets = pa.Array.from_buffers(pa.binary(), size.size, buffers)
    return -1 - sets.dictionary_encode().indices.to_numpy()
