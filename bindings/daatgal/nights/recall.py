"""Which earlier claims a night judges again.

In: the new claims, the decisions, the layers of the history. Out: `Recalled`: every earlier claim of the people concerned,
as `state` rows, and which of the new claim ids the history holds already.

Concerned are the people of the new claims, of the claims that new messages aim at, of claims with a decision, and
everyone in a line with one of those: `line_people` names them, so that lines that cross people stay whole.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from daatgal.decode.arrays import pieces_of
from daatgal.decode.identity import is_integer_column, read_id_column
from daatgal.errors import InputError
from daatgal.nights.layers import PERSON

if TYPE_CHECKING:
    from collections.abc import Sequence

    from daatgal.nights.layers import Layer
    from daatgal_engine.columns import U64


class Recalled(NamedTuple):
    """What the history says of the people concerned."""

    state: pa.Table | None
    """None: no history, or nobody known"""
    held_ids: pa.Array | None
    """claim ids of the new claims that the history holds"""


def recall(claims: pa.Table, decided: pa.ChunkedArray | None, layers: Sequence[Layer]) -> Recalled:
    """Fetch the earlier claims of everyone whom `claims` or the decisions on `decided` claims concern."""
    if not layers:
        return Recalled(None, None)
    sample = layers[-1].claims_of(np.empty(0, np.uint64))
    own = _hashes(claims["claim_id"], sample["claim_id"], "claim_id")
    people = [_hashes(claims["insured_id"], sample["insured_id"], "insured_id")]
    sought = [own]
    if "replaces_claim_id" in claims.column_names:
        sought.append(_hashes(claims["replaces_claim_id"], sample["claim_id"], "replaces_claim_id"))
    if decided is not None:
        sought.append(_hashes(decided, sample["claim_id"], "claim_id"))
    claim_hashes = np.unique(np.concatenate(sought))
    people += [layer.people_of(claim_hashes) for layer in layers]
    state = _everyone(np.unique(np.concatenate(people)), layers)
    if state.num_rows == 0:
        return Recalled(None, None)
    known = state["claim_id"].combine_chunks()
    ids = (
        claims["claim_id"].cast(known.type)
        if not _same_kind(claims["claim_id"], known)
        else claims["claim_id"]
    )
    held = pc.is_in(ids.cast(known.type), value_set=known)
    return Recalled(state, ids.filter(held).combine_chunks().cast(known.type))


def _everyone(people: U64, layers: Sequence[Layer]) -> pa.Table:
    """The state rows of `people` and of all that share a line with them, from the newest layer that knows each."""
    tables: list[pa.Table] = []
    asked = np.empty(0, np.uint64)
    while people.size:
        asked = np.union1d(asked, people)
        found = _newest(people, layers)
        tables.append(found)
        in_lines = found["line_people"].combine_chunks().flatten().to_numpy()
        people = np.setdiff1d(in_lines, asked)
    return pa.concat_tables(tables) if tables else layers[-1].claims_of(asked)


def _newest(people: U64, layers: Sequence[Layer]) -> pa.Table:
    tables: list[pa.Table] = []
    missing = people
    for layer in reversed(layers):
        if missing.size == 0:
            break
        rows = layer.claims_of(missing)
        if rows.num_rows:
            tables.append(rows)
            missing = np.setdiff1d(missing, rows[PERSON].to_numpy())
    return pa.concat_tables(tables) if tables else layers[-1].claims_of(np.empty(0, np.uint64))


def _same_kind(ids: pa.ChunkedArray, known: pa.ChunkedArray | pa.Array) -> bool:
    return is_integer_column(ids) == is_integer_column(known)


def _hashes(ids: pa.ChunkedArray, known: pa.ChunkedArray, name: str) -> U64:
    """The hashes of the ids that are given, as the history's ids were hashed."""
    integers = is_integer_column(known)
    if not integers and is_integer_column(ids):
        ids = ids.cast(pa.string())
    column = read_id_column(pieces_of(ids, 0), len(ids), integers=integers)
    if integers and not is_integer_column(ids) and column.unreadable is not None and column.unreadable.any():
        raise InputError(
            f"claims: {name} is text, and the history has whole numbers; expected the same kind of id"
        )
    given = np.diff(column.ids.offset) > 0
    return np.unique(column.ids.hash[given])
