"""Which earlier claims a night judges again.

In: the people whom the night concerns, the layers of the history. Out: `Recalled`: every earlier claim of these people,
as `state` rows, and which of the new claim ids the history holds already.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from daatgal.decode.arrays import in_threads, nothing
from daatgal.nights.keep import CLAIM_COLUMNS, stable_order
from daatgal.nights.layers import CHANGED, NEWS, PERSON, among
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
        if self.state is None:
            return
        again = decoded.table.slice(decoded.rows.size - self.state.num_rows)
        for name in CLAIM_COLUMNS:
            place = self.state.schema.get_field_index(name)
            if again[name].type == self.state.field(place).type:
                self.state = self.state.set_column(place, name, again[name])


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
    tables: list[pa.Table] = [people.state]
    changed = [pa.array([], people.state["claim_id"].type)]
    give_back()
    for rows in in_threads(lambda layer: layer.claims_of(people.people), reversed(layers)):
        newer = pc.is_in(rows["claim_id"], value_set=pa.concat_arrays(changed), skip_nulls=True)
        tables.append(rows.filter(pc.invert(newer)) if pc.any(newer).as_py() else rows)
        changed += rows["claim_id"].filter(pc.equal(rows[NEWS], CHANGED)).chunks
    give_back()
    found = pa.concat_tables(tables)
    order = pa.array(stable_order(found[PERSON].to_numpy()))
    names, waiting = found.column_names, dict(zip(found.column_names, found.columns, strict=True))
    del tables, found  # each column goes as soon as it is in order: there are never two of all

    def in_order(name: str) -> pa.Array:
        column = waiting.pop(name)
        if column.null_count == len(column):
            return nothing(len(column), column.type)
        return column.unify_dictionaries().combine_chunks().take(order)

    return pa.table(in_threads(in_order, names), names)
