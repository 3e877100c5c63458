"""The diagnoses a synthetic patient may have: who gets them, how often, and in which cabinet.

In: nothing. Out: `Diagnoses`, about two thousand ICD-10 codes with specialty, sex, ages and frequency, and choice
tables of them by kind of care, age and sex. The categories are WHO's; their frequencies are made up (Zipf by rank).
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from daatgal.generate.draws import choice_table

if TYPE_CHECKING:
    from daatgal.generate.rows import F64, I32, I64

SPECIALTY_CATEGORIES: dict[str, str] = {
    "family_medicine": "J06 I10 J00 K29 R51 M54 J20 N39 R10 B34 J11 J02 Z00 R50 J03 Z10 R05 R42 D50 E55 J40 R53 Z71",
    "cardiology": "I10 I11 I25 I20 I50 I48 I49 I83 I34 I42 I21 I87 I70 I27 I05 I95 I26 I73 I80 I30",
    "pulmonology": "J18 J44 J45 J20 J42 J47 J84 J15 J30 J90 J98 J43 J12 R06",
    "gastroenterology": "K29 K80 K81 K25 K26 K21 K76 K74 K85 K58 K59 K52 K86 K51 B18 K50 K92 K83",
    "endocrinology": "E11 E04 E05 E10 E03 E66 E78 E06 E55 E14 E21 E27 E87 E16",
    "neurology": "I67 I63 G40 G43 G45 I69 G80 G44 G51 G54 G90 G93 I61 G62 G20 G35 G03 G04 G50 I64 G57 G25",
    "surgery": "K35 K80 K40 K81 L02 K42 K56 I84 K60 K43 L03 N61 K65 D17 K57 K63 I86 K44",
    "traumatology": "S52 S82 S06 S83 S93 M17 S62 T14 S42 M16 S22 S01 S72 M23 T20 T23 S92 S60 M75 T30 S43 M51",
    "gynaecology": "N76 N70 D25 N83 N80 N84 N92 N95 N91 N87 N86 N73 N93 D27 N72 N81 N97",
    "obstetrics": "Z34 O80 O20 O82 O47 O03 O60 O14 O42 O26 O36 O99 O34 O02 O21 O00 O70 O72",
    "paediatrics": "J06 J18 J20 A09 J21 J45 R56 N39 J04 L20 D50 E55 B08 B01 J05 Q21 Q66 G80 A08 J35",
    "neonatology": "P59 P36 P07 P22 P23 P21 P39 P91 P92 P70 P61",
    "ophthalmology": "H52 H10 H25 H40 H26 H04 H35 H11 H16 H00 H49 H43 H02 H36 H33 H50",
    "otolaryngology": "J32 J35 H66 H65 J34 H90 H60 J31 J37 H81 J38 H61 H72 H91",
    "dermatology": "L20 L30 L40 L50 L70 B35 L23 L08 L80 B07 L28 L65 B86 L21 L43",
    "nephrology": "N18 N10 N11 N20 N03 N39 N04 N00 N28 N13 N05 I12 N17 N25",
    "urology": "N40 N41 N20 N30 N45 N48 N43 N47 N44 N46 N50",
    "oncology": "C22 C16 Z51 C34 C15 C53 C50 C18 C20 C56 C25 C67 C73 C61 C71 C64 C92 C83 C91 C90 C44",
    "infectious_diseases": "B18 A09 B15 A15 B16 A16 A46 B02 A41 A87 A23 B27 A05 A53 A54 B17 A08",
    "psychiatry": "F10 F20 F32 F41 F06 F48 F43 F33 F45 F25 F31 F70 F84 F90 F51 F40",
    "geriatrics": "I67 I11 M17 F03 G30 M81 N18 J44 H25 R54 F01 I25",
    "rheumatology": "M05 M06 M15 M10 M54 M47 M79 M35 M32 M45 M19 M13 M48 M25 M53 M42",
    "dentistry": "K02 K04 K05 K08 K01 K12 K07 K03 K00 K06 K10 K11",
}
"""Three-character categories by specialty, the commonest first."""

SPECIALTIES = tuple(SPECIALTY_CATEGORIES)

_SPECIALTY_AGES = {
    "cardiology": (25, 120),
    "gynaecology": (14, 75),
    "obstetrics": (16, 46),
    "paediatrics": (0, 17),
    "neonatology": (0, 0),
    "oncology": (20, 120),
    "geriatrics": (60, 120),
    "psychiatry": (10, 120),
    "urology": (12, 120),
    "rheumatology": (16, 120),
}
_CATEGORY_AGES = {
    "H25": (50, 120), "I63": (35, 120), "I64": (40, 120), "I69": (35, 120), "I67": (40, 120), "G20": (50, 120),
    "M16": (40, 120), "M17": (40, 120), "N95": (44, 60), "N40": (45, 120), "C61": (45, 120), "K40": (0, 120),
    "G30": (60, 120), "E11": (30, 120), "J44": (35, 120), "N46": (20, 55), "S72": (0, 120), "J12": (0, 17),
    "C91": (0, 120), "C92": (0, 120), "C71": (0, 120), "C83": (5, 120), "F70": (5, 60), "F84": (2, 25),
    "I10": (25, 120), "K80": (15, 120), "K81": (15, 120), "M54": (14, 120), "F10": (16, 120), "I11": (30, 120),
    "F90": (5, 25), "M81": (50, 120), "E10": (3, 60), "F03": (65, 120),
}  # fmt: skip
_FEMALE = {"gynaecology", "obstetrics"}
_MALE = {"urology"}
_CATEGORY_SEX = {"C53": "f", "C56": "f", "C61": "m", "N20": "", "N30": "", "C50": "f", "N61": "f", "D27": "f"}
_FOURTH = "91028"
"""Fourth characters, the commonest first; the category alone comes last."""

AGE_BANDS = (0, 1, 5, 15, 18, 30, 45, 60, 75)
"""The first year of each age band."""
CHRONIC = frozenset(
    [
        "I10",
        "I11",
        "I25",
        "I50",
        "E11",
        "E10",
        "N18",
        "J44",
        "J45",
        "B18",
        "G40",
        "G80",
        "F20",
        "M05",
        "M06",
        "K74",
        "I48",
        "C22",
        "C16",
        "C34",
        "C50",
        "C53",
        "I69",
        "G20",
        "M17",
    ]
)


class Diagnoses(NamedTuple):
    """Every code the generator uses; arrays have one entry a code."""

    code: tuple[str, ...]
    """without dot, in capitals"""
    specialty: I32
    sex: I32
    """NONE: either"""
    age_from: I32
    age_to: I32
    frequency: F64
    """within its specialty"""
    chronic: F64
    """1.0: an illness that stays"""


@cache
def diagnoses() -> Diagnoses:
    """The catalogue: the same for every batch."""
    rows: list[tuple[str, int, int, int, int, float, float]] = []
    for number, (specialty, categories) in enumerate(SPECIALTY_CATEGORIES.items()):
        for rank, category in enumerate(categories.split()):
            default_sex = "f" if specialty in _FEMALE else "m" if specialty in _MALE else ""
            sex = {"m": 0, "f": 1, "": -1}[_CATEGORY_SEX.get(category, default_sex)]
            low, high = _CATEGORY_AGES.get(category, _SPECIALTY_AGES.get(specialty, (0, 120)))
            for place, digit in enumerate((*_FOURTH, "")):
                often = 1.0 / (rank + 1) / (place + 1)
                rows.append((category + digit, number, sex, low, high, often, float(category in CHRONIC)))
    code, specialty_of, sex_of, low_of, high_of, often_of, chronic_of = zip(*rows, strict=True)
    return Diagnoses(
        code=tuple(code),
        specialty=np.array(specialty_of, dtype=np.int32),
        sex=np.array(sex_of, dtype=np.int32),
        age_from=np.array(low_of, dtype=np.int32),
        age_to=np.array(high_of, dtype=np.int32),
        frequency=np.array(often_of),
        chronic=np.array(chronic_of),
    )


def age_band(age: I64) -> I64:
    """The band of AGE_BANDS that each age falls into."""
    return np.searchsorted(np.array(AGE_BANDS), age, side="right") - 1


def band_row(group: I64 | I32, age: I64, sex: I32) -> I64:
    """The row of `diagnosis_tables` for a group of care, an age in years and a sex."""
    return (group.astype(np.int64) * len(AGE_BANDS) + age_band(age)) * 2 + sex


def diagnosis_tables(groups: list[dict[str, float]], *, chronic_only: bool = False) -> I32:
    """One choice table of codes for each group of care (its weights by specialty), age band and sex.

    Rows lie as `band_row` counts them. Where no code of a group fits an age and sex (a newborn in oncology), any
    code that fits them is drawn.
    """
    known = diagnoses()
    tables: list[I32] = []
    for group in groups:
        by_specialty = np.array([group.get(name, 0.0) for name in SPECIALTIES])
        often = by_specialty[known.specialty] * known.frequency
        if chronic_only:
            often = often * known.chronic
        for band, low in enumerate(AGE_BANDS):
            high = AGE_BANDS[band + 1] - 1 if band + 1 < len(AGE_BANDS) else 120
            middle = (low + min(high, 95)) // 2
            for sex in (0, 1):
                fits = (known.age_from <= middle) & (known.age_to >= middle)
                fits &= (known.sex < 0) | (known.sex == sex)
                weights = np.where(fits, often, 0.0)
                tables.append(
                    choice_table(weights if weights.any() else np.where(fits, known.frequency, 0.0))
                )
    return np.stack(tables)
