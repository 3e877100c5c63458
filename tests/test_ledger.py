"""The ledger's own columns, put together from outcomes."""

import numpy as np
import pyarrow as pa
import pytest

from daatgal.errors import DaatgalError
from daatgal.ledger import _columns, _few_rows_of, reason_lists
from daatgal_engine.outcomes import OUTCOME
from daatgal_engine.reasons import Reason


def test_reasons_are_listed_in_their_order():
    masks = np.random.default_rng(5).integers(0, 1 << len(Reason), 2_000).astype(np.uint64)
    masks[::3] = 0
    wanted = [[reason.name for reason in Reason if int(mask) >> reason & 1] for mask in masks]
    assert reason_lists(masks).to_pylist() == wanted
    assert reason_lists(masks[:0]).to_pylist() == []


@pytest.mark.parametrize(
    "values",
    [pa.array(["a", "bcd", "", "é"]), pa.array([5, -7, 0, 9])],
    ids=["text", "integers"],
)
@pytest.mark.parametrize("rows", [[-1, 3, -1, 0, 0], [-1, -1], [2], []])
def test_few_rows_are_looked_up(values, rows):
    found = _few_rows_of(values, np.array(rows, np.int64))
    found.validate(full=True)
    assert found.to_pylist() == [None if row < 0 else values[row].as_py() for row in rows]


@pytest.mark.parametrize(
    "changed",
    [
        {"fund_mnt": 1},
        {"gross_mnt": -5, "fund_mnt": -5},
        {"copay_mnt": -1, "excess_mnt": 1},
        {"deducted_mnt": 7},
    ],
)
def test_a_row_that_does_not_balance_is_named(changed):
    outcomes = np.zeros(6, OUTCOME).view(np.recarray)
    for name, amount in changed.items():
        outcomes[name][4] = amount
    with pytest.raises(DaatgalError, match="ledger row 4 does not balance"):
        _columns(outcomes, np.zeros(6, np.int64))


def test_what_was_billed_differs_only_where_there_is_a_price():
    outcomes = np.zeros(4, OUTCOME).view(np.recarray)
    outcomes.gross_mnt = outcomes.fund_mnt = 10
    outcomes.reasons[1] = 1 << Reason.NO_PRICE
    outcomes.decision[2] = 4
    columns = _columns(outcomes, np.array([12, 12, 12, -1], np.int64))
    assert columns.difference_mnt.tolist() == [2, 0, 0, 0]
    assert columns.difference_unknown.tolist() == [0, 1, 1, 1]
