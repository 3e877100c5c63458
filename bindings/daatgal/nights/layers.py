"""One earlier run, as a later one reads it.

In: a results folder, or a `Settlement` in memory. Out: `Layer`: the people of its claim ids, and the claims of people.
A person is known by the hash of the insured id; people whose hashes collide are read together, which changes nothing.

Of every claim some night's `state` row is the newest: that of the night in which the claim came, or in which anything
about it changed last. What a night judged again and found as it was is in its `state` too, in parts of its own that no
later night has to read: a claim is read once, however often its person was judged.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from daatgal.errors import InputError
from daatgal.outputs import read_manifest
from daatgal.outputs.reading import intact, listed, parts_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from daatgal.pipeline import Settlement
    from daatgal_engine.columns import I64, U64

PERSON = "person_hash"
CLAIM = "claim_hash"
LINE_PEOPLE = "line_people"
NOBODY: U64 = np.empty(0, np.uint64)
NEWS = "news"
"""int8 column of `state`: what the night has to say of a claim; NEW, CHANGED or UNCHANGED"""
NEW, CHANGED, UNCHANGED = range(3)
UNCHANGED_PARTS = "unchanged"
"""What the names of the parts begin with that hold the unchanged claims of `state`."""


class Layer(Protocol):
    """What a later night asks of an earlier run."""

    has_claims: bool
    """whether it judged any claim: if not, the type of its ids means nothing"""
    as_of: date

    def claims_known(self, claim_hashes: U64) -> pa.Table:
        """The rows of `ids` whose claim hash is among `claim_hashes`, which is sorted."""
        ...

    def lines(self) -> pa.Table:
        """PERSON and `line_people` of the new and changed rows of `state` whose line has several claims."""
        ...

    def claims_of(self, people: U64) -> pa.Table:
        """The new and changed rows of `state` of the given people, whose hashes are sorted; of a layer that is asked
        alone, without the earlier ones, the unchanged ones too.
        """
        ...

    def claims_between(self, first: int, last: int) -> pa.Table:
        """All rows of `state` of the people whose hashes lie between the two, both included."""
        ...

    @property
    def judged(self) -> int:
        """How many rows `state` has."""
        ...


def among(values: U64, sorted_values: U64) -> np.ndarray:
    """Whether each of `values` is one of `sorted_values`."""
    if sorted_values.size == 0:
        return np.zeros(values.size, np.bool_)
    place = np.minimum(np.searchsorted(sorted_values, values), sorted_values.size - 1)
    return sorted_values[place] == values


def places_of(sought: U64, keys: U64) -> I64:
    """The places in `keys` of the values of `sought`; both are sorted, and the sought ones are the fewer."""
    if keys.size == 0:
        return np.empty(0, np.int64)
    near = sought[np.searchsorted(sought, keys[0]) : np.searchsorted(sought, keys[-1], side="right")]
    begin, end = np.searchsorted(keys, near), np.searchsorted(keys, near, side="right")
    sizes = end - begin
    return np.repeat(begin - np.cumsum(sizes) + sizes, sizes) + np.arange(sizes.sum())


def distinct(values: U64) -> U64:
    """The distinct values, ascending: what `np.unique` gives, sorted, which for hashes is ten times as fast."""
    ordered = np.sort(values)
    first = np.ones(ordered.size, np.bool_)
    np.not_equal(ordered[1:], ordered[:-1], out=first[1:])
    return ordered[first]


class Remembered:
    """A settlement that was never written to disk."""

    def __init__(self, settlement: Settlement, *, alone: bool = False) -> None:
        self.state = settlement.state
        self._alone = alone
        self.ids = settlement.ids
        self.has_claims = settlement.state.num_rows > 0
        self.as_of = settlement.as_of

    def claims_known(self, claim_hashes: U64) -> pa.Table:
        """The rows of those claims; see `Layer`."""
        return self.ids.filter(pa.array(among(self.ids[CLAIM].to_numpy(), claim_hashes)))

    def lines(self) -> pa.Table:
        """The people of lines; see `Layer`."""
        return _lines(told_and_unchanged(self.state)[0])

    def claims_of(self, people: U64) -> pa.Table:
        """The rows of those people; see `Layer`."""
        rows = self.state if self._alone else told_and_unchanged(self.state)[0]
        return rows.filter(pa.array(among(rows[PERSON].to_numpy(), people)))

    def claims_between(self, first: int, last: int) -> pa.Table:
        """The rows of those people; see `Layer`."""
        return pa.concat_tables(_between(rows, first, last) for rows in told_and_unchanged(self.state))

    @property
    def judged(self) -> int:
        """The rows of `state`."""
        return self.state.num_rows


class OnDisk:
    """The results folder of an earlier run; only the row groups that hold the people asked for are read."""

    def __init__(self, directory: Path, manifest: dict[str, Any], *, alone: bool = False) -> None:
        self.directory = directory
        self.manifest = manifest
        self._alone = alone
        self.has_claims = any(part["rows"] for part in parts_of(manifest, "state"))
        self.as_of = date.fromisoformat(manifest["control_totals"]["as_of"])
        self._intact: set[str] = set()
        """parts whose bytes have been found to be those of the manifest"""

    def _parts(self, table: str, *, unchanged: bool = True) -> Iterator[pq.ParquetFile]:
        for part in listed(self.directory, self.manifest, table):
            if not unchanged and Path(part["path"]).name.startswith(UNCHANGED_PARTS):
                continue
            path = self.directory / part["path"]
            if part["path"] not in self._intact:
                path = intact(self.directory, part)
                self._intact.add(part["path"])
            with pq.ParquetFile(path) as file:
                yield file

    def claims_known(self, claim_hashes: U64) -> pa.Table:
        """The rows of those claims; see `Layer`."""
        return _rows_among(self._parts("ids"), CLAIM, claim_hashes)

    def lines(self) -> pa.Table:
        """The people of lines; see `Layer`."""
        return pa.concat_tables(
            _lines(file.read([PERSON, LINE_PEOPLE], use_threads=False))
            for file in self._parts("state", unchanged=False)
        )

    def claims_of(self, people: U64) -> pa.Table:
        """The rows of those people; see `Layer`."""
        return _in_seconds(_rows_among(self._parts("state", unchanged=self._alone), PERSON, people))

    def claims_between(self, first: int, last: int) -> pa.Table:
        """The rows of those people; see `Layer`."""
        tables: list[pa.Table] = []
        schema = None
        for file in self._parts("state"):
            schema = file.schema_arrow
            index = schema.names.index(PERSON)
            for group in range(file.num_row_groups):
                statistics = file.metadata.row_group(group).column(index).statistics
                if statistics is not None and statistics.has_min_max:
                    reaches = statistics.max >= first and statistics.min <= last
                    if not reaches:
                        continue
                tables.append(_between(file.read_row_group(group), first, last))
        assert schema is not None
        return pa.concat_tables(tables) if tables else schema.empty_table()

    @property
    def judged(self) -> int:
        """The rows of `state`."""
        return sum(part["rows"] for part in parts_of(self.manifest, "state"))


def told_and_unchanged(state: pa.Table) -> tuple[pa.Table, pa.Table]:
    """The rows of a night's `state` that are new or changed, and behind them the others; both sorted by people."""
    told = state.num_rows - pc.sum(pc.equal(state[NEWS], UNCHANGED), min_count=0).as_py()
    return state.slice(0, told), state.slice(told)


def _lines(state: pa.Table) -> pa.Table:
    """PERSON and `line_people` where a line has several claims."""
    lines = state.select([PERSON, LINE_PEOPLE])
    return lines.filter(pc.greater(pc.list_value_length(lines[LINE_PEOPLE]), 0))


def _rows_among(files: Iterator[pq.ParquetFile], column: str, sorted_values: U64) -> pa.Table:
    """The rows of some files whose `column` is one of `sorted_values`."""
    tables: list[pa.Table] = []
    schema = None
    for file in files:
        schema = file.schema_arrow
        for group in _groups_within(file, column, sorted_values):
            # One thread each: layers are read side by side, and what one thread frees it uses again.
            keys = file.read_row_group(group, [column], use_threads=False)[column].to_numpy()
            rows = places_of(sorted_values, keys)
            if rows.size:
                tables.append(file.read_row_group(group, use_threads=False).take(pa.array(rows)))
    assert schema is not None
    # Of a dictionary of a row group few values are left: one for all that was found takes less memory.
    return pa.concat_tables(tables).unify_dictionaries().combine_chunks() if tables else schema.empty_table()


def _in_seconds(state: pa.Table) -> pa.Table:
    """The same rows with times as a `Settlement` has them: Parquet keeps them finer."""
    fields = [
        field.with_type(pa.timestamp("s")) if pa.types.is_timestamp(field.type) else field
        for field in state.schema
    ]
    return state.cast(pa.schema(fields))


def _between(state: pa.Table, first: int, last: int) -> pa.Table:
    """The rows of people whose hashes lie between the two; `state` is sorted by them."""
    people = state[PERSON].to_numpy()
    begin = int(np.searchsorted(people, np.uint64(first)))
    return state.slice(begin, int(np.searchsorted(people, np.uint64(last), side="right")) - begin)


def _groups_within(file: pq.ParquetFile, column: str, sorted_values: U64) -> Iterator[int]:
    """The row groups whose least and greatest value of `column` have one of `sorted_values` between them."""
    if sorted_values.size == 0:
        return
    index = file.schema_arrow.names.index(column)
    for group in range(file.num_row_groups):
        statistics = file.metadata.row_group(group).column(index).statistics
        if statistics is None or not statistics.has_min_max:
            yield group
            continue
        first = int(np.searchsorted(sorted_values, np.uint64(statistics.min)))
        if first < sorted_values.size and sorted_values[first] <= np.uint64(statistics.max):
            yield group


def layers_of(history: Sequence[Settlement | Path | str]) -> list[Layer]:
    """The layers of a history, oldest first.

    Raises InputError where the folders are not one unbroken chain of released runs, each naming the one before.
    """
    from daatgal.pipeline import Settlement

    layers: list[Layer] = []
    before: str | None = None
    for earlier in history:
        if isinstance(earlier, Settlement):
            layers.append(Remembered(earlier))
            continue
        directory = Path(earlier)
        manifest = read_manifest(directory)
        if manifest["held"]:
            raise InputError(
                f"{directory}: this run is held; `daatgal release` it before a later night builds on it"
            )
        if manifest["previous_run"] != before:
            raise InputError(
                f"{directory}: names {_short(manifest['previous_run'])} as the run before it, found "
                f"{_short(before)}; expected the folders of the whole chain, newest last"
            )
        before = manifest["run_hash"]
        layers.append(OnDisk(directory, manifest))
    return layers


def newest_run(history: Sequence[Settlement | Path | str]) -> str | None:
    """The run hash of the last folder of a history."""
    from daatgal.pipeline import Settlement

    last = history[-1] if history else None
    return None if last is None or isinstance(last, Settlement) else read_manifest(Path(last))["run_hash"]


def _short(run_hash: str | None) -> str:
    return "no run" if run_hash is None else f"run {run_hash[:12]}"
