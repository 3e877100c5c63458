"""Repeated text as codes.

In: nothing. Out: `Texts`, what features read of facilities, cabinets, doctors and groups. No kernel lives here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import pyarrow as pa

    from daatgal_engine.columns import I32


class Texts(NamedTuple):
    """Codes and what they stand for."""

    codes: I32
    """n; -1: null"""
    values: pa.Array
    """string"""
