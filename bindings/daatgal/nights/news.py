"""Of which judged claims a night has something to tell: the new ones, and the earlier ones that are not as they were.

In: decoded claims, their outcomes as the engine has them, the decisions in force, the state rows that were recalled.
Out: `News`. Outcomes are compared as numbers, before any becomes text: nearly all earlier claims stay as they are, and
those cost no more than this. Works on whole columns with Arrow and NumPy. No kernel lives here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from daatgal.decode.arrays import in_threads
from daatgal.ledger import DECISIONS, billing_difference
from daatgal.nights.adjustments import differs
from daatgal.nights.keep import OUTCOME, SEXES, line_people, people_of
from daatgal.nights.layers import LINE_PEOPLE
from daatgal_engine.columns import NO_DAY, NO_MNT
from daatgal_engine.reasons import Reason

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from daatgal.decode import Decoded
    from daatgal.settlement import Settled
    from daatgal.tariff.book import TariffBook

Marks = npt.NDArray[np.bool_]
_WHOLE = {
    "weight_e4": NO_MNT,
    "base_mnt": NO_MNT,
    "gross_mnt": NO_MNT,
    "fund_mnt": NO_MNT,
    "copay_mnt": NO_MNT,
    "excess_mnt": NO_MNT,
    "deducted_mnt": NO_MNT,
}
"""Numbers that the ledger takes over from the engine, and what stands for null."""
_STRANGE = -2
"""The code of a text that has none: unlike any code, and unlike that of null."""
_NULL = -1
_STRANGE_REASON = np.uint64(1 << 63)


class News(NamedTuple):
    """What a night has to tell."""

    rows: Marks
    """one for each judged claim: it is new, or something that `state` keeps of it is not what it was"""
    line_people: pa.Array
    """list<uint64>, one for each judged claim; see keep.py"""


def news_of(
    decoded: Decoded, settled: Settled, book: TariffBook, manual: pa.Table, earlier: pa.Table | None
) -> News:
    """Compare the `earlier` claims, which stand behind the new ones in all the others, with what they have become."""
    rows = decoded.rows >= 0
    lines = line_people(decoded.original, people_of(decoded))
    if earlier is not None and earlier.num_rows:
        begin = rows.size - earlier.num_rows
        rows[begin:] = _outcome_news(decoded, settled, book, earlier)
        rows[begin:] |= _known_news(decoded, earlier)
        rows[begin:] |= _manual_news(manual.slice(begin), earlier)
        rows[begin:] |= _line_news(lines.slice(begin), earlier[LINE_PEOPLE])
    return News(rows, lines)


def _outcome_news(decoded: Decoded, settled: Settled, book: TariffBook, earlier: pa.Table) -> Marks:
    """Where a column of the ledger is not what it was."""
    begin = decoded.rows.size - earlier.num_rows
    claims = settled.claims[begin:]

    def was(name: str) -> pa.ChunkedArray:
        return earlier[OUTCOME + name]

    def difference() -> Marks:
        difference_mnt, unknown = billing_difference(claims, decoded.columns.billed_mnt[begin:])
        before = was("billing_difference_mnt")
        return (pc.is_null(before).to_numpy() != unknown) | (_whole(before, 0) != difference_mnt)

    comparisons: list[Callable[[], Marks]] = [
        lambda: _codes(was("decision"), DECISIONS) != claims["decision"],
        lambda: _codes(was("drg_code"), book.drg_codes) != np.maximum(claims["drg"], _NULL),
        difference,
        lambda: _bits(was("reasons")) != claims["reasons"],
        lambda: _case_news(decoded, claims["case"], earlier),
        lambda: _related_news(decoded, claims["related"], was("related_claim_id")),
        lambda: _codes(was("tariff"), [book.name]) != 0,
        lambda: _whole(was("tariff_period").cast(pa.int32()), NO_DAY) != claims["period_day"],
        *(
            lambda name=name, null=null: _whole(was(name), null) != claims[name]
            for name, null in _WHOLE.items()
        ),
    ]
    return np.logical_or.reduce(in_threads(lambda compare: compare(), comparisons))


def _known_news(decoded: Decoded, earlier: pa.Table) -> Marks:
    """Where the register of the insured says something else of a person by now."""
    begin = decoded.rows.size - earlier.num_rows
    sex, birth_day = decoded.columns.sex[begin:], decoded.columns.birth_day[begin:]
    before = _codes(earlier["known_sex"], SEXES[1:]) + 1
    return (before != sex) | (_whole(earlier["known_birth_date"].cast(pa.int32()), NO_DAY) != birth_day)


def _manual_news(manual: pa.Table, earlier: pa.Table) -> Marks:
    """Where another manual decision is the latest."""
    news = np.zeros(earlier.num_rows, np.bool_)
    either = pc.or_(pc.is_valid(manual["manual_at"]), pc.is_valid(earlier["manual_at"]))
    places = np.flatnonzero(either.to_numpy())
    taken = pa.array(places)
    for name in manual.column_names:
        news[places] |= differs(manual[name].take(taken), earlier[name].take(taken))
    return news


def _line_news(now: pa.Array, before: pa.ChunkedArray) -> Marks:
    """Where a line has other people."""
    news = np.zeros(len(now), np.bool_)
    either = pc.greater(pc.add(pc.list_value_length(before), pc.list_value_length(now)), 0)
    places = np.flatnonzero(either.to_numpy())
    taken = pa.array(places)
    news[places] = differs(pa.chunked_array([now.take(taken)]), before.take(taken))
    return news


def _case_news(decoded: Decoded, case: npt.NDArray[np.int64], earlier: pa.Table) -> Marks:
    """Where the first claim of a case is another; nearly all claims are cases of their own."""
    begin = decoded.rows.size - earlier.num_rows
    before = earlier[OUTCOME + "case_id"]
    news = pc.fill_null(pc.not_equal(before, earlier["claim_id"]), True).to_numpy()
    others = np.flatnonzero(news | (case != np.arange(begin, begin + case.size)))
    now = decoded.table["claim_id"].take(pa.array(case[others]))
    news[others] = pc.fill_null(pc.not_equal(now, before.take(pa.array(others))), True).to_numpy()
    return news


def _related_news(decoded: Decoded, related: npt.NDArray[np.int64], before: pa.ChunkedArray) -> Marks:
    """Where the evidence is another claim, or there is some by now, or none any more."""
    given = pc.is_valid(before).to_numpy()
    news = given != (related >= 0)
    both = np.flatnonzero(given & ~news)
    now = decoded.table["claim_id"].take(pa.array(related[both]))
    news[both] = pc.not_equal(now, before.take(pa.array(both))).to_numpy()
    return news


def _whole(column: pa.ChunkedArray, null: int | np.integer) -> npt.NDArray[Any]:
    """The numbers of a column, `null` where there is none."""
    return (pc.fill_null(column, int(null)) if column.null_count else column).to_numpy()


def _codes(column: pa.ChunkedArray, names: Sequence[str | None]) -> npt.NDArray[np.int32]:
    """The places of repeated text among `names`; _NULL: null, _STRANGE: none of them."""
    known = pa.array(names, pa.string())
    codes = [np.empty(0, np.int32)]
    for chunk in column.chunks:
        text = chunk if pa.types.is_dictionary(chunk.type) else chunk.dictionary_encode()
        places = pc.fill_null(pc.index_in(text.dictionary, value_set=known), _STRANGE).to_numpy()
        of_index = np.append(places, np.int32(_NULL))
        codes.append(of_index[pc.fill_null(text.indices, len(places)).to_numpy()])
    return np.concatenate(codes)


def _bits(reasons: pa.ChunkedArray) -> npt.NDArray[np.uint64]:
    """Lists of distinct reason codes as the engine has them: a bit for each."""
    names = [reason.name for reason in Reason]
    bit = np.array([*(1 << reason for reason in Reason), 0, _STRANGE_REASON], np.uint64)
    found = [np.empty(0, np.uint64)]
    for lists in reasons.chunks:
        codes = _codes(pa.chunked_array([lists.flatten()]), names)
        sums = np.concatenate([np.zeros(1, np.uint64), np.cumsum(bit[codes])])
        ends = np.concatenate([[0], np.cumsum(pc.fill_null(pc.list_value_length(lists), 0).to_numpy())])
        found.append(sums[ends[1:]] - sums[ends[:-1]])
    return np.concatenate(found)
