"""Where facilities are and of which level, on one day.

In: the facilities table, a day. Out: `Places`: aimag and level by facility. No kernel lives here.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Final, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from daatgal.decode.arrays import pieces_of
from daatgal.decode.fixed import read_day_column, read_whole_column
from daatgal.decode.text import read_text_column
from daatgal.errors import InputError
from daatgal.sources import read_table
from daatgal_engine.written_values import ABSENT

if TYPE_CHECKING:
    from daatgal.sources import Source

UNKNOWN: Final = "unknown"
EPOCH: Final = date(1970, 1, 1)
_ALWAYS: Final = -(2**31)
"""Before every day; its negative, after every day."""


class Places(NamedTuple):
    """What strata and reports need to know of facilities."""

    region: dict[str, str]
    level: dict[str, str]

    def of(self, facility_id: pa.ChunkedArray) -> tuple[pa.Array, pa.Array]:
        """(region, level) of each row, `unknown` where the table does not tell."""
        encoded = facility_id.cast(pa.string()).combine_chunks().dictionary_encode()
        names = encoded.dictionary.to_pylist()
        found: list[pa.Array] = []
        for values in (self.region, self.level):
            labels = pa.array([values.get(name, UNKNOWN) for name in names], pa.string())
            found.append(pc.fill_null(labels.take(encoded.indices), UNKNOWN))
        return found[0], found[1]


NOWHERE = Places({}, {})


def places_on(source: Source, day: date) -> Places:
    """Aimag and level of each facility from the period in force on `day`, else from its latest.

    Raises InputError where a column is missing.
    """
    table = read_table(source, kind="facilities")
    missing = [name for name in ("facility_id", "level", "aimag") if name not in table.column_names]
    if missing:
        raise InputError(
            f"facilities: found no column {', '.join(missing)}; a sample is drawn by region and level"
        )
    places = Places({}, {})
    chosen: dict[str, tuple[bool, int]] = {}
    on = (day - EPOCH).days
    for facility, level, aimag, begin, end in zip(
        _texts(table, "facility_id"),
        read_whole_column(pieces_of(table["level"], 0), table.num_rows, 127).values,
        _texts(table, "aimag"),
        _days(table, "valid_from", _ALWAYS),
        _days(table, "valid_to", -_ALWAYS),
        strict=True,
    ):
        if facility is None:
            continue
        rank = (begin <= on <= end, begin)
        if facility not in chosen or rank > chosen[facility]:
            chosen[facility] = rank
            places.region[facility] = aimag or UNKNOWN
            places.level[facility] = str(level) if level > 0 else UNKNOWN
    return places


def _texts(table: pa.Table, name: str) -> list[str | None]:
    return read_text_column(pieces_of(table[name], 0), table.num_rows)[0].to_pylist()


def _days(table: pa.Table, name: str, absent: int) -> list[int]:
    if name not in table.column_names:
        return [absent] * table.num_rows
    days = read_day_column(pieces_of(table[name], 0), table.num_rows, "UTC").values
    return [absent if value == ABSENT else int(value) for value in days]
