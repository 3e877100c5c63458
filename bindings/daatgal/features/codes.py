"""Diagnoses, procedures and ages as keys of statistics.

In: `Facts`, packed codes. Out: texts, lists of procedures, bands of age.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pyarrow as pa

from daatgal_engine.columns import I8, I64, NO_DAY, U32, U64
from daatgal_engine.features.ages import ages_of

if TYPE_CHECKING:
    from daatgal.features.facts import Facts

BAND_BEGINS: Final = np.array([0, 1, 5, 15, 25, 35, 45, 55, 65, 75])
"""Completed years: infants, toddlers, children, then decades."""
UNKNOWN_BAND: Final = -1
NO_PROCEDURE: Final = 0
CATEGORY_CHARACTERS: Final = 3


def band_of_age() -> I8:
    """The band of each age up to the first of the last band."""
    ages = np.arange(BAND_BEGINS[-1] + 1)
    return (np.searchsorted(BAND_BEGINS, ages, side="right") - 1).astype(np.int8)


def age_bands(facts: Facts) -> I8:
    """The band of the insured's age on the start day; UNKNOWN_BAND without a birth date."""
    ages = np.empty(facts.rows, np.int32)
    ages_of(facts.birth_day, facts.start_s, ages)
    band = band_of_age()[np.clip(ages, 0, BAND_BEGINS[-1])]
    return np.where(facts.birth_day == NO_DAY, np.int8(UNKNOWN_BAND), band)


def procedures_of(facts: Facts, rows: I64) -> tuple[I64, U32]:
    """The lists of procedures of the given rows, with NO_PROCEDURE where a list is empty."""
    begin, end = facts.procedure_offset[rows], facts.procedure_offset[rows + 1]
    lengths = np.maximum(end - begin, 1)
    offset = np.zeros(rows.size + 1, np.int64)
    np.cumsum(lengths, out=offset[1:])
    if facts.procedure.size == 0:
        return offset, np.full(int(offset[-1]), NO_PROCEDURE, np.uint32)
    place = np.arange(offset[-1]) - np.repeat(offset[:-1] - begin, lengths)
    listed = facts.procedure[np.minimum(place, facts.procedure.size - 1)]
    return offset, np.where(np.repeat(end > begin, lengths), listed, NO_PROCEDURE).astype(np.uint32)


def texts_of_icd10(categories: U64) -> pa.Array:
    """Three-character categories, packed into the low 24 bits, as texts."""
    return _texts(categories, CATEGORY_CHARACTERS)


def texts_of_procedures(procedures: U64) -> pa.Array:
    """Packed procedures as texts: `015`; the empty text for NO_PROCEDURE."""
    return _texts(procedures, 4)


def _texts(packed: U64, characters: int) -> pa.Array:
    texts = [int(code).to_bytes(characters, "big").strip(b"\0").decode() for code in packed]
    return pa.array(texts, pa.string())


def packed_texts(texts: pa.Array, characters: int) -> U64:
    """The packed codes of texts, as `texts_of_icd10` and `texts_of_procedures` write them."""
    packed = [int.from_bytes(text.encode().ljust(characters, b"\0"), "big") for text in texts.to_pylist()]
    return np.array(packed, np.uint64)
