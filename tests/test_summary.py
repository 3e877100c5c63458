"""The summary adds up exactly, or says that it cannot."""

from datetime import date

import pyarrow as pa
import pytest

from daatgal.errors import AmountError
from daatgal.summary import AMOUNTS, summary_table

LARGEST = 2**63 - 1


def _ledger(amounts: list[int]) -> pa.Table:
    rows = len(amounts)
    start = pa.array([date(2024, 3, 5)] * rows, pa.date32()).cast(pa.timestamp("s"))
    columns = {
        "facility_id": ["F"] * rows,
        "care_type": ["diagnostics"] * rows,
        "drg_code": pa.array([None] * rows, pa.string()),
        "start_at": start,
        "decision": ["paid"] * rows,
        "reasons": pa.array([[]] * rows, pa.list_(pa.string())),
        "gross_mnt": pa.array(amounts, pa.int64()),
        "fund_mnt": pa.array(amounts, pa.int64()),
    }
    columns |= {name: pa.array([0] * rows, pa.int64()) for name in AMOUNTS if name not in columns}
    return pa.table(columns)


def _summary(amounts: list[int]) -> pa.Table:
    ledger = _ledger(amounts)
    none = ledger.slice(0, 0)
    return summary_table(ledger, none.append_column("closed", pa.array([], pa.bool_())), none)


def test_amounts_up_to_the_largest_are_summed_exactly() -> None:
    row = _summary([LARGEST - 7, 3, 4]).to_pylist()[0]
    assert row["gross_mnt"] == LARGEST
    assert (row["claims"], row["cases"], row["month"]) == (3, 3, date(2024, 3, 1))


@pytest.mark.parametrize("amounts", [[LARGEST, 1], [LARGEST] * 3, [2**62] * 4])
def test_a_sum_beyond_64_bits_is_refused_and_named(amounts: list[int]) -> None:
    with pytest.raises(AmountError, match=r"gross_mnt over .*'facility_id': 'F'"):
        _summary(amounts)
