"""The insured of one block: who they are, how ill, how covered.

In flow a seed, a block and its size; out flow `People` (arrays, one entry a person) and the `insured` table of the
contract. The first people of a block are the same however many it has.
"""

from __future__ import annotations

from functools import cache, lru_cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pyarrow as pa

from daatgal.generate.diagnoses import SPECIALTIES, band_row, diagnosis_tables
from daatgal.generate.draws import TABLE_SIZE, Draws, choice_table
from daatgal.generate.ids import person_ids
from daatgal.generate.rows import NO_DAY, NONE, SEX_FEMALE, SEX_MALE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from daatgal.generate.ids import AnyArray
    from daatgal.generate.rows import F64, I32, I64, U64

PEOPLE_PER_BLOCK = 1 << 17
"""25 blocks are a nation: 3.28 million insured."""
PERSON_BITS = 20

_PYRAMID = (22, 23, 21, 17, 14, 15, 18, 17, 14, 12, 10, 9, 7, 5, 3, 2, 1.2, 0.6, 0.2)
"""People by five years of age, from 0–4 to 90–94 (a young country)."""
_AREA_SHARE = (0.46, 0.28, 0.26)
_NO_EXEMPTION_SHARE = 0.42
"""Of adults under 60; children and pensioners are all exempt."""
_BY_AGE = frozenset({"child", "pensioner"})
_EXEMPTION_WEIGHT = {"welfare": 10.0, "infant_parent": 6.0, "conscript": 1.0, "prisoner": 0.5}
_HEAVIEST = 120.0
"""No one is as ill as a hundred others: some need over a thousand claims a year, none ten thousand."""
_TEST_ID_SHARE = 0.002
_CHRONIC_BY_AGE = (0.01, 0.01, 0.02, 0.03, 0.05, 0.10, 0.25, 0.45, 0.6)
_KEPT_BLOCKS = 32
"""A nation's people are drawn once and not every month; more would cost memory."""
_DATES = ("covered_from", "covered_to", "death_date", "birth_date")

SCHEMA = pa.schema(
    [
        ("covered_from", pa.date32()),
        ("covered_to", pa.date32()),
        ("death_date", pa.date32()),
        ("sex", pa.string()),
        ("birth_date", pa.date32()),
        ("exemption", pa.string()),
    ]
)


class People(NamedTuple):
    """The insured of a block; one entry a person."""

    sex: I32
    birth_day: I32
    age: I64
    """completed years on the batch's first day"""
    area: I32
    exemption: I32
    chronic_icd: I32
    """the illness that stays; NONE: healthy"""
    death_day: I32
    covered_from_day: I32
    covered_to_day: I32
    """NO_DAY: open"""
    covered_again_day: I32
    """the first day of a second period; NO_DAY: none"""
    running_weight: F64
    """cumulative share of the block's episodes"""


@lru_cache(maxsize=_KEPT_BLOCKS)
def people(seed: int, block: int, size: int, first_day: int, exemptions: tuple[str, ...]) -> People:
    """The first `size` insured of a block. `exemptions`: the book's categories."""
    draws = Draws(seed, "people", block)
    words = draws.bits(PEOPLE_PER_BLOCK)[:size]
    sex = np.where(words & np.uint64(1) == 0, SEX_FEMALE, SEX_MALE).astype(np.int32)
    age = choice_table(_PYRAMID)[(words >> np.uint64(1)) & np.uint64(TABLE_SIZE - 1)].astype(np.int64) * 5
    age += ((words >> np.uint64(20)) & np.uint64(0xFFFF)).astype(np.int64) * 5 >> 16
    days = ((words >> np.uint64(36)) & np.uint64(0xFFFF)).astype(np.int64) * 365 >> 16
    birth_day = (first_day - age * 36_525 // 100 - days).astype(np.int32)
    coin = [draws.unit(PEOPLE_PER_BLOCK)[:size] for _ in range(5)]
    area = np.searchsorted(np.cumsum(_AREA_SHARE), coin[0]).clip(max=2).astype(np.int32)

    row = band_row(np.zeros(size, dtype=np.int64), age, sex)
    fate = draws.bits(PEOPLE_PER_BLOCK)[:size]
    chronic_icd = _chronic_table()[row * TABLE_SIZE + (fate & np.uint64(TABLE_SIZE - 1)).astype(np.int64)]
    ill = coin[1] < np.asarray(_CHRONIC_BY_AGE)[row // 2]
    weight = np.exp2(np.floor(np.log2(1.0 / (1.0 - coin[2])) * 8) / 8 * 0.5)
    weight = (
        np.minimum(weight, _HEAVIEST)
        * np.where(ill, 3.5, 1.0)
        * np.where(age < 5, 1.8, np.where(age >= 60, 1.6, 1.0))
    )
    weight[0] = max(weight[1:].sum() * _TEST_ID_SHARE, 1.0)

    death_day = np.where(coin[3] < 0.002, first_day + (fate >> np.uint64(55)).astype(np.int64), NO_DAY)
    gap_from = first_day + ((fate >> np.uint64(48)) & np.uint64(63)).astype(np.int64)
    lapsed, gap = coin[4] < 0.012, (coin[4] >= 0.012) & (coin[4] < 0.022)
    return People(
        sex=sex,
        birth_day=birth_day,
        age=age,
        area=area,
        exemption=_exemption(age, fate, exemptions),
        chronic_icd=np.where(ill, chronic_icd, NONE).astype(np.int32),
        death_day=death_day.astype(np.int32),
        covered_from_day=np.maximum(birth_day, 7305).astype(np.int32),
        covered_to_day=np.where(lapsed | gap, gap_from, NO_DAY).astype(np.int32),
        covered_again_day=np.where(gap, gap_from + 40, NO_DAY).astype(np.int32),
        running_weight=np.cumsum(weight) / weight.sum(),
    )


@cache
def _chronic_table() -> I32:
    return diagnosis_tables([dict.fromkeys(SPECIALTIES, 1.0)], chronic_only=True).reshape(-1)


def _exemption(age: I64, fate: U64, exemptions: tuple[str, ...]) -> I32:
    """Children and pensioners by age, where the book has such categories; most other adults one of the rest."""
    code = {name: index for index, name in enumerate(exemptions)}
    weights = [0.0 if name in _BY_AGE else _EXEMPTION_WEIGHT.get(name, 1.0) for name in exemptions]
    place = ((fate >> np.uint64(30)) & np.uint64(TABLE_SIZE - 1)).astype(np.int64)
    other = choice_table(weights)[place] if any(weights) else np.full(age.size, NONE, dtype=np.int32)
    coin = ((fate >> np.uint64(14)) & np.uint64(0xFFFF)).astype(np.float64) / 65_536
    adult = np.where(coin < _NO_EXEMPTION_SHARE, NONE, other)
    young, old = code.get("child", NONE), code.get("pensioner", NONE)
    return np.where(age < 18, young, np.where(age >= 60, old, adult)).astype(np.int32)


def insured_tables(
    blocks: Iterator[tuple[int, People]], seed: int, id_type: str, exemptions: tuple[str, ...]
) -> Iterator[pa.Table]:
    """The `insured` of the contract, a table a block; a second period follows the first ones of its block."""
    for block, found in blocks:
        number = (np.int64(block) << PERSON_BITS) + np.arange(found.sex.size, dtype=np.int64)
        again = np.flatnonzero(found.covered_again_day != NO_DAY)
        index = np.concatenate([np.arange(found.sex.size), again])
        second = np.arange(index.size) >= found.sex.size
        covered_from = np.where(second, found.covered_again_day[index], found.covered_from_day[index])
        covered_to = np.where(second, NO_DAY, found.covered_to_day[index])
        days = (covered_from, covered_to, found.death_day[index], found.birth_day[index])
        columns: dict[str, AnyArray] = {
            name: pa.array(day.astype(np.int32), pa.int32(), mask=day == NO_DAY).cast(pa.date32())
            for name, day in zip(_DATES, days, strict=True)
        }
        columns["sex"] = pa.array(["m", "f"]).take(pa.array(found.sex[index], pa.int32()))
        exemption = found.exemption[index]
        names = pa.array(exemptions or ("",), pa.string())
        columns["exemption"] = names.take(pa.array(exemption, pa.int32(), mask=exemption == NONE))
        ids = person_ids(number[index], seed, id_type)
        yield pa.Table.from_arrays(
            [ids, *(columns[field.name] for field in SCHEMA)], schema=insured_schema(id_type)
        )


def insured_schema(id_type: str) -> pa.Schema:
    """The schema of `insured` for string or int64 ids."""
    return SCHEMA.insert(0, pa.field("insured_id", pa.int64() if id_type == "int64" else pa.string()))
