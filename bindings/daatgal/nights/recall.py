"""Which earlier claims a night judges again.

In: the people whom the night concerns, the layers of the history. Out: `Recalled`: every earlier claim of these people,
as `state` rows, and which of the new claim ids the history holds already.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from daatgal.decode.arrays import in_threads, nothing
from daatgal.nights.keep import CLAIM_COLUMNS, stable_order
from daatgal.nights.layers import CHANGED, NEWS, PERSON, among, distinct
from daatgal.stages import give_back

if TYPE_CHECKING:
    from collections.abc import Sequence

    from daatgal.decode import Decoded
    from daatgal.nights.layers import Layer
    from daatgal.nights.people import Concerned


@dataclass
class Recalled:
    """What the history says of the people concerned."""

    state: pa.Table | None = None
    """sorted by person; None: no history that holds a claim"""
    held_ids: pa.Array | None = None
    """claim ids of the new claims that the history holds"""

    def share(self, decoded: Decoded) -> None:
        """Let the columns that decode has made anew of `state` take the place of those that it was made from."""
        state = self.state
        if state is None:
            return
        again = decoded.table.slice(decoded.rows.size - state.num_rows)
        for name in CLAIM_COLUMNS:
            place = state.schema.get_field_index(name)
            if again[name].type == state.field(place).type:
                state = state.set_column(place, name, again[name])
        self.state = state


def recall(people: Concerned | None, layers: Sequence[Layer]) -> Recalled:
    """Fetch the earlier claims of everyone whom a night concerns."""
    if people is None:
        return Recalled()
    state = _newest(people, layers)
    return Recalled(state, _held(people, state["claim_id"]))


def _held(people: Concerned, ids: pa.ChunkedArray) -> pa.Array:
    """Which of a night's own ids the history has: of those whose hashes it knows, by their bytes."""
    own = people.own
    alike = own.column.filter(pa.array(among(own.ids.hash, people.known))).combine_chunks()
    held = ids.filter(pc.is_in(ids, value_set=alike, skip_nulls=True)).combine_chunks()
    return alike.filter(pc.is_in(alike, value_set=held, skip_nulls=True))


def _newest(people: Concerned, layers: Sequence[Layer]) -> pa.Table:
    """Every claim of the people, as the newest layer has it that says anything of it; sorted by person."""
    tables, stays = [people.state], [np.empty(0, np.bool_)]
    newest = people.state.select([PERSON, "claim_id"])
    give_back()
    for rows in in_threads(lambda layer: layer.claims_of(people.people), reversed(layers)):
        tables.append(rows)
        stays.append(~_outdated(rows, newest))
        changed = rows.filter(pc.equal(rows[NEWS], CHANGED))
        newest = pa.concat_tables([newest, changed.select(newest.column_names)])
    give_back()
    found = pa.concat_tables(tables)
    in_order_of_people = stable_order(found[PERSON].to_numpy())
    order = pa.array(in_order_of_people[np.concatenate(stays)[in_order_of_people]])
    names, waiting = found.column_names, dict(zip(found.column_names, found.columns, strict=True))
    del tables, found  # each column goes as soon as it is in order: there are never two of all

    def in_order(name: str) -> pa.Array:
        column = waiting.pop(name)
        if column.null_count == len(column):
            return nothing(len(order), column.type)
        return column.unify_dictionaries().combine_chunks().take(order)

    return pa.table(in_threads(in_order, names), names)


def _outdated(rows: pa.Table, newer: pa.Table) -> npt.NDArray[np.bool_]:
    """Which rows are of claims that are among the `newer` ones, which are few and are sought by their people first."""
    places = np.flatnonzero(among(rows[PERSON].to_numpy(), distinct(newer[PERSON].to_numpy())))
    outdated = np.zeros(rows.num_rows, np.bool_)
    ids = rows["claim_id"].take(pa.array(places))
    outdated[places] = pc.is_in(ids, value_set=newer["claim_id"].combine_chunks()).to_numpy()
    return outdated
