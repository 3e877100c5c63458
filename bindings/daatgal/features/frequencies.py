"""How rare a combination is, from counts: −ln of the smoothed share.

In: the aggregates' counts and the combinations of claims. Out: float32 per claim. The share of the `a` that have `b`
is (n(a, b) + share of b among all) / (n(a) + 1), the share of b being (n(b) + 1) / (n + 1): a combination never seen
is rare where there is much of `a`, and unremarkable where `a` is hardly known itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pyarrow.compute as pc

from daatgal.decode.arrays import frozen, row_ranges
from daatgal.features.codes import CATEGORY_CHARACTERS, band_of_age, packed_texts
from daatgal.features.numbering import STRETCH, handed_back, numbered_in_stretches, numbered_rows
from daatgal_engine.features.combinations import (
    HALF_BITS,
    SEX_BITS,
    Patients,
    greatest,
    group_and_facility_keys,
    list_procedures,
    people_keys,
    procedure_keys,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pyarrow as pa

    from daatgal.features.aggregates import Aggregates
    from daatgal.features.facts import Facts
    from daatgal.forest.model import F64
    from daatgal_engine.columns import F32, I64, U64

_PROCEDURE_CHARACTERS = 4
_HALF = np.uint64(HALF_BITS)
_LOW = np.uint64((1 << HALF_BITS) - 1)


class Counts(NamedTuple):
    """How often keys occur."""

    key: U64
    """ascending"""
    claims: I64

    def of(self, keys: U64) -> I64:
        """The count of each key, 0 where it does not occur."""
        if self.key.size == 0:
            return np.zeros(keys.size, np.int64)
        place = np.minimum(np.searchsorted(self.key, keys), self.key.size - 1)
        return np.where(self.key[place] == keys, self.claims[place], 0)


def counts(key: U64, claims: I64) -> Counts:
    """Add up the claims of each key."""
    distinct, number = np.unique(key, return_inverse=True)
    total = np.zeros(distinct.size, np.int64)
    np.add.at(total, number, claims)
    return Counts(distinct, total)


class Shares(NamedTuple):
    """What is needed of the shares of `b` among `a`; both fit into 32 bits."""

    together: Counts
    """keys: a, then b"""
    first: Counts
    second: Counts
    claims: int

    def rarity(self, pairs: U64, itself: int) -> F64:
        """−ln of the smoothed share, for each pair, a then b, among the other claims.

        `itself`: 1 where the counts hold the very claims that ask, 0 where they do not.
        """
        a, b = pairs >> _HALF, pairs & _LOW
        usual = (self.second.of(b) - itself + 1.0) / (self.claims - itself + 1.0)
        share = (self.together.of(pairs) - itself + usual) / (self.first.of(a) - itself + 1.0)
        return -np.log(share)


def _pair(first: U64, second: U64) -> U64:
    return first << _HALF | second


def shares(first: U64, second: U64, claims: I64, of_first: Counts) -> Shares:
    """From the counts of pairs, and of what each first stands for."""
    return Shares(
        counts(_pair(first, second), claims), of_first, counts(second, claims), int(of_first.claims.sum())
    )


def procedures_of_diagnoses(aggregates: Aggregates) -> Shares:
    """The shares of procedures among the claims of each ICD-10 category."""
    table = aggregates.tables["diagnosis_procedures"]
    return shares(
        _packed(table, "icd10", CATEGORY_CHARACTERS),
        _packed(table, "procedure", _PROCEDURE_CHARACTERS),
        table["claims"].to_numpy(),
        _diagnoses(aggregates),
    )


def rarity_of_procedures(facts: Facts, aggregates: Aggregates, rows: I64, itself: int) -> F32:
    """Of the rarest of each claim's procedures among the claims of its ICD-10 category."""
    known, asked = aggregates.once(procedures_of_diagnoses), frozen(rows)
    offset = np.empty(rows.size + 1, np.int64)
    list_procedures(asked, facts.procedure_offset, offset)

    def keys() -> Iterator[U64]:
        for begin, end in row_ranges(rows.size, STRETCH):
            packed = np.empty(offset[end] - offset[begin], np.uint64)
            procedure_keys(asked[begin:end], facts.icd10, facts.procedure_offset, facts.procedure, packed)
            yield packed

    numbers, distinct = numbered_in_stretches(int(offset[-1]), keys())
    rarest = np.empty(rows.size, np.float32)
    greatest(
        frozen(known.rarity(distinct, itself).astype(np.float32)), frozen(numbers), frozen(offset), rarest
    )
    return rarest


def ages_of_diagnoses(aggregates: Aggregates) -> Shares:
    """The shares of age bands among the claims of each ICD-10 category."""
    return _people(aggregates, "age_band")


def sexes_of_diagnoses(aggregates: Aggregates) -> Shares:
    """The shares of sexes among the claims of each ICD-10 category."""
    return _people(aggregates, "sex")


def _people(aggregates: Aggregates, name: str) -> Shares:
    table = aggregates.tables["diagnosis_people"]
    return shares(
        _packed(table, "icd10", CATEGORY_CHARACTERS),
        (table[name].to_numpy().astype(np.int64) + 1).astype(np.uint64),
        table["claims"].to_numpy(),
        _diagnoses(aggregates),
    )


def rarity_of_people(facts: Facts, aggregates: Aggregates, rows: I64, itself: int) -> F32:
    """Of the insured's age band and of their sex among the claims of the ICD-10 category, taken together.

    Each is counted by itself: of the ten bands of two sexes most lack a diagnosis of some hundred claims by chance.
    """
    patients = Patients(facts.icd10, facts.start_s, facts.birth_day, facts.sex)
    bands = frozen(band_of_age())
    people, distinct = numbered_rows(rows, lambda own, keys: people_keys(own, patients, bands, keys))
    category, person = distinct >> _HALF, distinct & _LOW
    band, sex = person >> np.uint64(SEX_BITS), (person & np.uint64((1 << SEX_BITS) - 1)) + np.uint64(1)
    age = aggregates.once(ages_of_diagnoses).rarity(_pair(category, band), itself)
    return handed_back(age + aggregates.once(sexes_of_diagnoses).rarity(_pair(category, sex), itself), people)


class GroupsOfFacilities(NamedTuple):
    """The shares of groups among the claims of each facility, by their places here."""

    facility: pa.Array
    group: pa.Array
    shares: Shares


def groups_of_facilities(aggregates: Aggregates) -> GroupsOfFacilities:
    """The shares of the aggregates' `facility_groups`."""
    table = aggregates.tables["facility_groups"]
    claims = table["claims"].to_numpy()
    facility = table["facility_id"].combine_chunks().dictionary_encode()
    group = table["group"].combine_chunks().dictionary_encode()
    of_facility = facility.indices.to_numpy().astype(np.uint64)
    known = shares(
        of_facility, group.indices.to_numpy().astype(np.uint64), claims, counts(of_facility, claims)
    )
    return GroupsOfFacilities(facility.dictionary, group.dictionary, known)


def rarity_of_groups(facts: Facts, aggregates: Aggregates, rows: I64, itself: int) -> F32:
    """Of the claim's group among the claims of its facility."""
    known = aggregates.once(groups_of_facilities)
    pairs, distinct = numbered_rows(rows, lambda own, keys: group_and_facility_keys(own, facts.places, keys))
    facility = _places(facts.facility.values, known.facility)[distinct >> _HALF]
    group = _places(facts.group.values, known.group)[distinct & _LOW]
    return handed_back(known.shares.rarity(_pair(facility, group), itself), pairs)


def _diagnoses(aggregates: Aggregates) -> Counts:
    table = aggregates.tables["diagnoses"]
    return counts(_packed(table, "icd10", CATEGORY_CHARACTERS), table["claims"].to_numpy())


def _packed(table: pa.Table, name: str, characters: int) -> U64:
    encoded = table[name].combine_chunks().dictionary_encode()
    return packed_texts(encoded.dictionary, characters)[encoded.indices.to_numpy()]


_UNKNOWN = 0xFFFFFFFF
"""What the history does not have."""


def _places(values: pa.Array, known: pa.Array) -> U64:
    """Where each of this batch's texts is among those that the history has."""
    found = pc.index_in(values, value_set=known).fill_null(-1).to_numpy().astype(np.int64)
    return np.where(found < 0, _UNKNOWN, found).astype(np.uint64)
