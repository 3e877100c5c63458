"""The group and the family of each claim: which claims are of its kind.

In: what is said of claims. Out: `Labelled`: codes by first appearance, a text for each.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
import pyarrow as pa

from daatgal.decode.arrays import frozen, row_ranges
from daatgal.features.numbering import STRETCH
from daatgal.features.texts import Texts
from daatgal_engine.columns import rows_between
from daatgal_engine.features.keys import NO_KEY, GroupColumns, KeyTable, group_keys
from daatgal_engine.strings import recode

if TYPE_CHECKING:
    from daatgal.features.facts import Given
    from daatgal_engine.columns import I32, U8, U64

_KINDS: Final = ("drg", "service", "other")
_FAMILIES: Final = ("specialty", "icd10")


class Labelled(NamedTuple):
    """Groups, or families."""

    texts: Texts
    """-1: the claim is of none"""
    care_type: I32
    """by code of the texts"""


def groups_and_families(given: Given, standing: U8) -> tuple[Labelled, Labelled]:
    """Number the groups and families of claims, stretch by stretch, and name them."""
    columns = GroupColumns(
        standing=standing,
        care_type=given.care_type.codes,
        drg=given.drg.codes,
        service=given.service.codes,
        specialty=given.specialty.codes,
        icd10=given.icd10,
    )
    names = {
        "drg": given.drg.values,
        "service": given.service.values,
        "other": pa.array([""]),
        "specialty": given.specialty.values,
        "icd10": pa.array([chr(code) for code in range(128)]),
    }
    care = given.care_type.values.to_pylist()

    def label(codes: I32, distinct: U64, kinds: tuple[str, ...]) -> Labelled:
        known = distinct != NO_KEY
        new_code = np.where(known, np.cumsum(known) - 1, -1).astype(np.int32)
        if not known.all():
            recode(codes, frozen(new_code))
        keys, labels = distinct[known], np.empty(int(known.sum()), np.object_)
        for number, kind in enumerate(kinds):
            own = np.flatnonzero(keys >> np.uint64(32) & np.uint64(0xFFFF) == number)
            texts = names[kind].take(pa.array(keys[own] & np.uint64(0xFFFFFFFF))).to_pylist()
            cares = (keys[own] >> np.uint64(48)).tolist()
            labels[own] = [f"{care[at]}/{kind}/{text}" for at, text in zip(cares, texts, strict=True)]
        care_type = (keys >> np.uint64(48)).astype(np.int32)
        return Labelled(Texts(frozen(codes), pa.array(labels, pa.string())), care_type)

    groups, families = _numbered(columns, standing.size)
    return label(*groups, _KINDS), label(*families, _FAMILIES)


def _numbered(columns: GroupColumns, rows: int) -> tuple[tuple[I32, U64], tuple[I32, U64]]:
    """The number of each row's group and family, and their keys."""
    numbers = (np.empty(rows, np.int32), np.empty(rows, np.int32))
    tables, room = (KeyTable(), KeyTable()), np.empty((2, min(rows, STRETCH)), np.uint64)
    for begin, end in row_ranges(rows, STRETCH):
        keys = room[:, : end - begin]
        group_keys(rows_between(columns, begin, end), keys[0], keys[1])
        for what in (0, 1):
            tables[what].number(frozen(keys[what]), numbers[what][begin:end])
    return (numbers[0], tables[0].distinct), (numbers[1], tables[1].distinct)
