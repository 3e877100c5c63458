"""Which earlier claims a night judges again.

In: the new claims, the decisions, the layers of the history. Out: `Recalled`: every earlier claim of the people
concerned, as `state` rows, and which of the new claim ids the history holds already.

Concerned are the people of the new claims, of the claims that new messages aim at, of claims with a decision, and
everyone in a line with one of those: `line_people` names them, so that lines that cross people stay whole.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from daatgal.decode.arrays import in_threads, pieces_of
from daatgal.decode.identity import IdColumn, is_integer_column, read_id_column
from daatgal.errors import InputError
from daatgal.nights.keep import stable_order
from daatgal.nights.layers import CHANGED, CLAIM, LINE_PEOPLE, NEWS, NOBODY, PERSON, among, distinct

if TYPE_CHECKING:
    from collections.abc import Sequence

    from daatgal.nights.layers import Layer
    from daatgal_engine.columns import U64


class Recalled(NamedTuple):
    """What the history says of the people concerned."""

    state: pa.Table | None
    """sorted by person; None: no history that holds a claim"""
    held_ids: pa.Array | None
    """claim ids of the new claims that the history holds"""


def recall(claims: pa.Table, decided: pa.ChunkedArray | None, layers: Sequence[Layer]) -> Recalled:
    """Fetch the earlier claims of everyone whom `claims` or the decisions on `decided` claims concern.

    Raises InputError where all claim or insured ids are of another kind than the history's.
    """
    kinds = next((layer.claims_of(NOBODY) for layer in reversed(layers) if layer.has_claims), None)
    if kinds is None:
        return Recalled(None, None)
    own = _ids(_column(claims, "claim_id"), kinds["claim_id"])
    replaced = _ids(_column(claims, "replaces_claim_id"), kinds["claim_id"])
    insured = _ids(_column(claims, "insured_id"), kinds["insured_id"])
    _refuse_other_kind(own, "claims: claim_id")
    _refuse_other_kind(insured, "claims: insured_id")
    sought = [_hashes(own), _hashes(replaced)]
    if decided is not None:
        sought.append(_hashes(_ids(decided, kinds["claim_id"])))
    claim_hashes = distinct(np.concatenate(sought))
    known = pa.concat_tables(layer.claims_known(claim_hashes) for layer in layers)
    people = distinct(np.concatenate([_hashes(insured), known[PERSON].to_numpy()]))
    state = _newest(_everyone(people, layers), layers, kinds)
    return Recalled(state, _held(own, distinct(known[CLAIM].to_numpy()), state["claim_id"]))


def _held(own: IdColumn, known: U64, ids: pa.ChunkedArray) -> pa.Array:
    """Which of a night's own ids the history has: of those whose hashes it knows, by their bytes."""
    alike = own.column.filter(pa.array(among(own.ids.hash, known))).combine_chunks()
    held = ids.filter(pc.is_in(ids, value_set=alike, skip_nulls=True)).combine_chunks()
    return alike.filter(pc.is_in(alike, value_set=held, skip_nulls=True))


def _everyone(people: U64, layers: Sequence[Layer]) -> U64:
    """`people` and all that share a line with one of them, or with one of these."""
    lines = pa.concat_tables(layer.lines() for layer in layers).combine_chunks()
    in_line, members = lines[PERSON].to_numpy(), lines[LINE_PEOPLE]
    reached = people
    while reached.size:
        found = members.filter(pa.array(among(in_line, reached))).combine_chunks().flatten().to_numpy()
        reached = distinct(found[~among(found, people)])
        people = np.sort(np.concatenate([people, reached]))
    return people


def _newest(people: U64, layers: Sequence[Layer], nobody: pa.Table) -> pa.Table:
    """Every claim of `people`, as the newest layer has it that says anything of it; sorted by person."""
    tables: list[pa.Table] = [nobody]
    changed = [pa.array([], nobody["claim_id"].type)]
    for layer in reversed(layers):
        rows = layer.claims_of(people)
        newer = pc.is_in(rows["claim_id"], value_set=pa.concat_arrays(changed), skip_nulls=True)
        tables.append(rows.filter(pc.invert(newer)) if pc.any(newer).as_py() else rows)
        changed += rows["claim_id"].filter(pc.equal(rows[NEWS], CHANGED)).chunks
    found = pa.concat_tables(tables)
    order = pa.array(stable_order(found[PERSON].to_numpy()))
    names, waiting = found.column_names, dict(zip(found.column_names, found.columns, strict=True))
    del tables, found  # each column goes as soon as it is in order: there are never two of all

    def in_order(name: str) -> pa.Array:
        return waiting.pop(name).unify_dictionaries().combine_chunks().take(order)

    return pa.table(in_threads(in_order, names), names)


def _column(claims: pa.Table, name: str) -> pa.ChunkedArray:
    """A column of the claims; decode says so where one is missing that may not be."""
    return claims[name] if name in claims.column_names else pa.chunked_array([pa.nulls(claims.num_rows)])


def _ids(ids: pa.ChunkedArray, known: pa.ChunkedArray) -> IdColumn:
    """Ids read as the history has them; those that cannot be are for decode to quarantine."""
    return read_id_column(pieces_of(ids, 0), len(ids), integers=is_integer_column(known))


def _refuse_other_kind(ids: IdColumn, name: str) -> None:
    """Where not one id can be read as the history has them, it is not a matter of rows."""
    if ids.unreadable is not None and ids.column.null_count == len(ids.column):
        kind = "whole numbers" if pa.types.is_int64(ids.column.type) else "text"
        raise InputError(f"{name}: found no id that is of the history's kind, expected {kind}")


def _hashes(ids: IdColumn) -> U64:
    """The hashes of the ids that are given."""
    return distinct(ids.ids.hash[np.diff(ids.ids.offset) > 0])
