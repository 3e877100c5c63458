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

from daatgal.errors import AmountError
from daatgal.tariff.compiled import Compiled, compile_book, frozen, frozen_array
from daatgal_engine.block import Batch, phase_columns
from daatgal_engine.columns import I32, I64, U64, ClaimColumns, Ids
from daatgal_engine.entitlement import admit, entitled_by, exempt, find_copay, note_services, untermed
from daatgal_engine.grouping import group_claims, grouped_by
from daatgal_engine.people import Arrival, count_buckets, fill_buckets
from daatgal_engine.placing import place_claims, timed, unplaced
from daatgal_engine.pricing import find_items, price_claims, priced_by, unpriced
from daatgal_engine.settle import Outcome, settle_bucket, voided_outcome
from daatgal_engine.standing import Lines, decide_lines

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from daatgal.decode import Decoded
    from daatgal.facilities import Facilities
    from daatgal.tariff.book import TariffBook
    from daatgal_engine.book import Records

CHUNK_ROWS = 1 << 16
BUCKET_ROWS = 1 << 14
"""About this many claims a bucket: its gathered columns fit into a core's second-level cache."""
MOST_BUCKETS = 1 << 14


class Settled(NamedTuple):
    """What the engine says of each decoded row."""

    priced: Records
    """PRICED"""
    outcome: Outcome


def settle_claims(decoded: Decoded, facilities: Facilities, book: TariffBook, threads: int | None = None) -> Settled:
    """Price and settle decoded claims; AmountError names the claim whose price does not fit into int64."""
    compiled = compile_book(
        book,
        services=decoded.dictionaries["service"].to_pylist(),
        facility_types=facilities.facility_types,
    )
    with ThreadPoolExecutor(threads or os.cpu_count()) as pool:
        lines = _decide(decoded)
        batch = _price(decoded, facilities, compiled, lines, pool)
        outcome = _settle(decoded.columns, batch, lines, compiled, pool)
    return Settled(batch.priced, outcome)


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


def _price(
    decoded: Decoded, facilities: Facilities, compiled: Compiled, lines: Lines, pool: ThreadPoolExecutor
) -> Batch:
    claims, book = decoded.columns, compiled.book
    rows = claims.message.size
    place, priced, terms = unplaced(lines.standing), unpriced(rows), untermed(rows)
    when, group_columns, price_columns = timed(claims), grouped_by(claims), priced_by(claims)
    copay_columns = entitled_by(claims, book.prices.service_of)

    def assess(chunk: tuple[int, int]) -> int:
        """Every row map over one chunk, while it is in the caches."""
        place_claims(when, facilities.columns, book.periods, chunk, place)
        find_items(book.prices, price_columns, place, chunk, priced)
        group_claims(book.drg_map, group_columns, place, chunk, priced)
        overflow = price_claims(book.prices, price_columns, place, chunk, priced)
        admit(book.admission, facilities.columns, claims.care_type, (place, *chunk), terms)
        find_copay(book.copay, copay_columns, (place, priced), chunk, terms)
        exempt(book.copay, copay_columns, place, chunk, terms)
        note_services(book.admission, claims.service, place, chunk, terms)
        return overflow

    for row in pool.map(assess, _chunks(rows)):
        if row >= 0:
            _refuse_amount(decoded, row)
    return Batch(
        columns=phase_columns(claims, procedure_sets(claims)),
        related=lines.related,
        place=frozen_array(place),
        priced=frozen_array(priced),
        terms=frozen_array(terms),
        stay=book.periods.stay,
    )


def _refuse_amount(decoded: Decoded, row: int) -> None:
    claim_id = decoded.table["claim_id"][row].as_py()
    raise AmountError(
        f"claim {claim_id!r}: its price does not fit into 64 bits; expected a gross amount below 2**63 ₮ "
        "(look at its quantity and at the unit price or base rate that prices it)"
    )


def _settle(
    claims: ClaimColumns, batch: Batch, lines: Lines, compiled: Compiled, pool: ThreadPoolExecutor
) -> Outcome:
    outcome = voided_outcome(lines.reasons, lines.related)
    arrival = Arrival(claims.insured, claims.claim, lines.presented_s, claims.start_s)

    buckets = people_buckets(claims.insured, lines, pool)
    list(pool.map(lambda rows: settle_bucket(arrival, batch, rows, compiled.rules, outcome), buckets))
    return frozen(outcome)


def people_buckets(insured: Ids, lines: Lines, pool: ThreadPoolExecutor) -> list[I64]:
    """The standing rows by bucket of people, ascending within each: a counting sort by the leading bits of the hash."""
    rows = insured.hash.size
    bits = max(0, min(rows // BUCKET_ROWS, MOST_BUCKETS)).bit_length()
    hashes: U64 = insured.hash
    shift = 64 - bits
    if bits == 0:
        standing = np.flatnonzero(lines.standing).astype(np.int64)
        standing.setflags(write=False)
        return [standing] if standing.size else []
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
