"""How rare a combination is, from counts: −ln of the smoothed share.

In: the aggregates' counts and the combinations of claims. Out: float64 per claim. The share of the `a` that have `b`
is (n(a, b) + share of b among all) / (n(a) + 1), the share of b being (n(b) + 1) / (n + 1): a combination never seen
is rare where there is much of `a`, and unremarkable where `a` is hardly known itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pyarrow.compute as pc

from daatgal.features.codes import (
    CATEGORY_CHARACTERS,
    age_bands,
    packed_texts,
    procedures_of,
)
from daatgal.features.facts import numbered
from daatgal_engine.features.keys import greatest_of_lists

if TYPE_CHECKING:
    import pyarrow as pa

    from daatgal.features.aggregates import Aggregates
    from daatgal.features.facts import Facts
    from daatgal.forest.model import F64
    from daatgal_engine.columns import I64, U64

_PROCEDURE_CHARACTERS = 4


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

    def rarity(self, first: U64, second: U64, itself: int) -> F64:
        """−ln of the smoothed share, for each pair, among the other claims.

        `itself`: 1 where the counts hold the very claims that ask, 0 where they do not.
        """
        pairs, distinct = numbered(_pair(first, second))
        a, b = distinct >> np.uint64(32), distinct & np.uint64(0xFFFFFFFF)
        usual = (self.second.of(b) - itself + 1.0) / (self.claims - itself + 1.0)
        share = (self.together.of(distinct) - itself + usual) / (self.first.of(a) - itself + 1.0)
        return -np.log(share)[pairs]


def _pair(first: U64, second: U64) -> U64:
    return first << np.uint64(32) | second


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


def rarity_of_procedures(facts: Facts, aggregates: Aggregates, rows: I64, itself: int) -> F64:
    """Of the rarest of each claim's procedures among the claims of its ICD-10 category."""
    known = aggregates.once(procedures_of_diagnoses)
    offset, procedures = procedures_of(facts, rows)
    categories = np.repeat(_categories(facts, rows), np.diff(offset))
    rarest = np.zeros(rows.size)
    greatest_of_lists(offset, known.rarity(categories, procedures.astype(np.uint64), itself), rarest)
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
        _small(table[name].to_numpy()),
        table["claims"].to_numpy(),
        _diagnoses(aggregates),
    )


def rarity_of_people(facts: Facts, aggregates: Aggregates, rows: I64, itself: int) -> F64:
    """Of the insured's age band and of their sex among the claims of the ICD-10 category, taken together.

    Each is counted by itself: of the ten bands of two sexes most lack a diagnosis of some hundred claims by chance.
    """
    categories = _categories(facts, rows)
    age = aggregates.once(ages_of_diagnoses).rarity(categories, _small(age_bands(facts)[rows]), itself)
    return age + aggregates.once(sexes_of_diagnoses).rarity(categories, _small(facts.sex[rows]), itself)


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


def rarity_of_groups(facts: Facts, aggregates: Aggregates, rows: I64, itself: int) -> F64:
    """Of the claim's group among the claims of its facility."""
    known = aggregates.once(groups_of_facilities)
    facility = _places(facts.facility.values, known.facility)[facts.facility.codes[rows]]
    group = _places(facts.group.values, known.group)[facts.group.codes[rows]]
    return known.shares.rarity(facility, group, itself)


def _categories(facts: Facts, rows: I64) -> U64:
    return facts.icd10[rows] >> np.uint64(40)


def _small(codes: np.ndarray) -> U64:
    """Codes from −1 on."""
    return (codes.astype(np.int64) + 1).astype(np.uint64)


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
