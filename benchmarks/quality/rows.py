"""Claims of an Arrow table changed or copied, all others left as they are.

In: a claims table. Out: another one, the untouched rows first and in their order, copies after them.
"""

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

I64 = npt.NDArray[np.int64]
DAY_S = 86_400


class Injected(NamedTuple):
    """A night after something was put into it."""

    claims: pa.Table
    claim_ids: list[str]
    """the claims that were changed or added; all others are as before"""


def replaced(claims: pa.Table, values: dict[str, Any]) -> pa.Table:
    """The table with other values in some columns, of the columns' own types."""
    for name, column in values.items():
        place = claims.schema.get_field_index(name)
        field = claims.schema.field(place)
        claims = claims.set_column(place, field, pa.array(column, field.type))
    return claims


def edited(claims: pa.Table, rows: I64, values: dict[str, Any]) -> Injected:
    """`rows` changed in place."""
    order = np.arange(claims.num_rows)
    order[rows] = claims.num_rows + np.arange(rows.size)
    changed = replaced(claims.take(rows), values)
    return Injected(pa.concat_tables([claims, changed]).take(order), changed["claim_id"].to_pylist())


def copied(claims: pa.Table, rows: I64, kind: str, values: dict[str, Any]) -> Injected:
    """Copies of `rows` under ids of their own, sent when they end."""
    ids = [f"{kind}-{number:06d}" for number in range(rows.size)]
    copies = replaced(claims.take(rows), values | {"claim_id": ids})
    copies = replaced(copies, {"submitted_at": copies["end_at"].to_pylist()})
    return Injected(pa.concat_tables([claims, copies]), ids)


def seconds(claims: pa.Table, name: str) -> I64:
    """int64[n]: a time column."""
    return claims[name].cast(pa.timestamp("s")).cast(pa.int64()).to_numpy()


def at_times(start_s: I64, length_s: Any) -> dict[str, Any]:
    """Values of start_at and end_at."""
    return {"start_at": start_s.astype("M8[s]"), "end_at": (start_s + length_s).astype("M8[s]")}


def texts(claims: pa.Table, name: str) -> npt.NDArray[np.object_]:
    """A column of strings, None where null."""
    return np.array(claims[name].to_pylist(), object)
