"""Messages and their lines: the kernel against a walk in plain Python, and through decode."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from daatgal.decode.arrays import frozen
from daatgal.errors import InputError
from daatgal_engine.columns import MESSAGE_ORIGINAL
from daatgal_engine.lines import MISSING_TARGET, ON_CYCLE, REACHES_ORIGINAL, UNRESOLVED, resolve_lines
from tests.claim_batches import claim, codes_of, decoded, message, table

pytestmark = pytest.mark.kernels


def _resolved(messages: np.ndarray, targets: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Each row's original and what became of it, as decode asks for them."""
    given = messages == MESSAGE_ORIGINAL
    original, line = np.arange(len(messages)), np.where(given, REACHES_ORIGINAL, UNRESOLVED).astype(np.int8)
    resolve_lines(frozen(np.flatnonzero(~given)), frozen(targets), original, line)
    return original, line


def _walked(messages: list[int], targets: list[int], row: int) -> tuple[int, int]:
    """Follow one row on foot: its outcome and its original."""
    seen = []
    at = row
    while True:
        if at < 0:
            return MISSING_TARGET, -1
        if messages[at] == MESSAGE_ORIGINAL:
            return REACHES_ORIGINAL, at
        if at in seen:
            return (ON_CYCLE if at == row else MISSING_TARGET), -1
        seen.append(at)
        at = targets[at]


@given(st.data(), st.integers(1, 12))
def test_every_row_is_followed_as_on_foot(data, n):
    messages = data.draw(st.lists(st.integers(0, 2), min_size=n, max_size=n))
    targets = data.draw(st.lists(st.integers(-1, n - 1), min_size=n, max_size=n))
    original, line = _resolved(np.array(messages, np.int8), np.array(targets, np.int64))
    assert list(zip(line.tolist(), original.tolist(), strict=True)) == [
        _walked(messages, targets, row) for row in range(n)
    ]


@pytest.mark.slow
def test_a_chain_of_a_million_messages_is_followed_in_one_pass():
    n = 1_000_000
    messages = np.ones(n, np.int8)
    messages[0] = MESSAGE_ORIGINAL
    targets = np.arange(-1, n - 1)
    original, line = _resolved(messages[::-1], (n - 1 - targets)[::-1])
    assert (original == n - 1).all()
    assert (line == REACHES_ORIGINAL).all()


def test_a_line_and_the_rows_that_reach_none():
    result = decoded(
        table(
            message("D", "cancellation", "C"),
            claim("A"),
            message("B", "replacement", "A"),
            message("C", "replacement", "B", insured_id="another person", facility_id="F2"),
            message("X", "replacement", "Y"),
            message("Y", "replacement", "X"),
            message("into the ring", "cancellation", "X"),
            message("lost", "cancellation", "nobody"),
            message("after the lost", "replacement", "lost"),
            claim("broken", icd10="?"),
            message("of the broken", "replacement", "broken"),
        )
    )
    lost = ["MISSING_TARGET"]
    assert codes_of(result) == {
        4: ["MESSAGE_CYCLE"], 5: ["MESSAGE_CYCLE"], 6: lost, 7: lost, 8: lost, 9: ["BAD_ICD10"], 10: lost,
    }  # fmt: skip
    assert result.table["claim_id"].to_pylist() == ["D", "A", "B", "C"]
    assert result.columns.message.tolist() == [2, 0, 1, 1]
    assert result.target.tolist() == [3, -1, 1, 2]
    assert result.original.tolist() == [1, 1, 1, 1]


def test_a_message_with_another_error_is_not_followed():
    rows = table(message("X", "replacement", "X", icd10="?"), claim())
    assert codes_of(decoded(rows)) == {0: ["BAD_ICD10"]}


def test_a_message_reaches_claims_of_earlier_nights():
    earlier = table(claim("old"), message("older", "replacement", "old"))
    result = decoded(table(message("new", "cancellation", "older"), claim("B")), earlier=earlier)
    assert codes_of(result) == {}
    assert result.rows.tolist() == [0, 1, -1, -1]
    assert result.table["claim_id"].to_pylist() == ["new", "B", "old", "older"]
    assert result.target.tolist() == [3, -1, -1, 2]
    assert result.original.tolist() == [2, 1, 2, 2]


def test_an_earlier_message_without_its_line_is_an_error():
    with pytest.raises(InputError, match="'older' without the claim"):
        decoded(table(claim()), earlier=table(message("older", "replacement", "gone")))
