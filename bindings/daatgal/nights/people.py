"""Whom a night concerns: the people whose earlier claims are judged again.

In: the new claims, the decisions, the layers of the history. Out: `Concerned`; and the register of the insured without
all others. Concerned are the people of the new claims, of the claims that new messages aim at, of claims with a
decision, and everyone in a line with one of those: `line_people` names them, so that lines across people stay whole.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pyarrow as pa

from daatgal.decode.arrays import frozen, in_threads, pieces_of
from daatgal.decode.identity import IdColumn, is_integer_column, read_id_column, take_ids
from daatgal.decode.persons import ids_like
from daatgal.errors import InputError
from daatgal.nights.layers import CLAIM, LINE_PEOPLE, NOBODY, PERSON, among, distinct

if TYPE_CHECKING:
    from collections.abc import Sequence

    from daatgal.insured import Insured
    from daatgal.nights.layers import Layer
    from daatgal_engine.columns import U64


class Concerned(NamedTuple):
    """The people of a night, and what the history knows of its claims."""

    own: IdColumn
    """the ids of the new claims, as the history has them"""
    known: U64
    """ascending: hashes of claim ids that the night names and the history holds"""
    people: U64
    """ascending: hashes of insured ids"""
    state: pa.Table
    """no rows, in the columns and types of the history's `state`"""


def concerned(claims: pa.Table, decided: pa.ChunkedArray | None, layers: Sequence[Layer]) -> Concerned | None:
    """Everyone whom `claims` or the decisions on `decided` claims concern; None: no history that holds a claim.

    Raises InputError where all claim or insured ids are of another kind than the history's.
    """
    state = next((layer.claims_of(NOBODY) for layer in reversed(layers) if layer.has_claims), None)
    if state is None:
        return None
    own = _ids(_column(claims, "claim_id"), state["claim_id"])
    replaced = _ids(_column(claims, "replaces_claim_id"), state["claim_id"])
    insured = _ids(_column(claims, "insured_id"), state["insured_id"])
    _refuse_other_kind(own, "claims: claim_id")
    _refuse_other_kind(insured, "claims: insured_id")
    sought = [_hashes(own), _hashes(replaced)]
    if decided is not None:
        sought.append(_hashes(_ids(decided, state["claim_id"])))
    claim_hashes = distinct(np.concatenate(sought))
    known = pa.concat_tables(in_threads(lambda layer: layer.claims_known(claim_hashes), layers))
    people = distinct(np.concatenate([_hashes(insured), known[PERSON].to_numpy()]))
    return Concerned(own, distinct(known[CLAIM].to_numpy()), _everyone(people, layers), state)


def register_of(insured: Insured, people: Concerned) -> Insured:
    """What the register of the insured says of the people concerned: of millions, a night judges the claims of few.

    Raises InputError where its ids are text and the claims' are integers.
    """
    ids = ids_like(insured, integers=is_integer_column(people.state["insured_id"]))
    chosen = among(ids.hash, people.people)
    persons = np.flatnonzero(chosen)
    periods = np.diff(insured.offset)
    rows = np.flatnonzero(np.repeat(chosen, periods))
    return replace(
        insured,
        ids=take_ids(insured.ids, persons),
        column=insured.column.take(pa.array(persons)),
        offset=np.concatenate(([0], np.cumsum(periods[persons]))),
        period=frozen(insured.period[rows]),
    )


def _everyone(people: U64, layers: Sequence[Layer]) -> U64:
    """`people` and all that share a line with one of them, or with one of these."""
    lines = pa.concat_tables(in_threads(lambda layer: layer.lines(), layers)).combine_chunks()
    in_line, members = lines[PERSON].to_numpy(), lines[LINE_PEOPLE]
    reached = people
    while reached.size:
        found = members.filter(pa.array(among(in_line, reached))).combine_chunks().flatten().to_numpy()
        reached = distinct(found[~among(found, people)])
        people = np.sort(np.concatenate([people, reached]))
    return people


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
