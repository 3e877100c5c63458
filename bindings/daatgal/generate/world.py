"""The tables that claims are drawn from: the same for every piece of a batch.

In flows a plan; out flows a `World` of choice tables (TABLE_SIZE entries a row) over care types, places, departments,
diagnoses, lengths and hours.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from daatgal.errors import InputError
from daatgal.generate.care import CARE_MODELS, LONG_THERAPY, LONG_THERAPY_LENGTH, CareModel, Length
from daatgal.generate.dated import in_force
from daatgal.generate.diagnoses import SPECIALTIES, diagnosis_tables
from daatgal.generate.draws import TABLE_SIZE, choice_table, lognormal_table
from daatgal.generate.facilities import AREAS_IN_BLOCK, NATIONAL, PLACES
from daatgal.generate.price_list import OWNERSHIPS

if TYPE_CHECKING:
    from daatgal.generate.plan import Plan
    from daatgal.generate.rows import F64, I32, I64, Bools

CABINETS = 9
"""Departments of one specialty in one facility, at most."""
_CABINETS_BY_LEVEL = (1, 2, 2)
_CABINETS_IN_CAPITAL = 5
_ELSEWHERE, _IN_CAPITAL = 0.02, 0.006
"""How much a facility of another area of the block, and a national centre, draws against one next door."""
TEETH = tuple(str(10 * quadrant + tooth) for quadrant in (1, 2, 3, 4) for tooth in range(1, 9))
SITES = (*TEETH, "left", "right")
HOURS = ("office", "admission", "clock")


class World(NamedTuple):
    """`c` care types of the book; those without a model or a place are never drawn."""

    care_types: tuple[str, ...]
    episode_care: I32
    """TABLE_SIZE: care types of episodes"""
    counts: I32
    """(c, TABLE_SIZE): claims in an episode, 1 or more"""
    claims_per_episode: float
    gap_days: I64
    """c"""
    length_s: I32
    """(c + 1, TABLE_SIZE); the last row is a long therapy's"""
    hours: I32
    """c: index into HOURS"""
    start_s: I32
    """(HOURS, TABLE_SIZE): seconds since midnight"""
    quantity: I64
    """c: the most that one claim counts"""
    is_ward: Bools
    """c: lies in a ward for days"""
    is_long_therapy: Bools
    diagnosis: I32
    """rows as `band_row` counts them, by care type"""
    place: I32
    """(c × AREAS_IN_BLOCK, TABLE_SIZE): index into PLACES"""
    place_level: I64
    """index 0–2"""
    place_ownership: I64
    place_cabinets: I64
    departments: tuple[str, ...]
    offered: Bools
    """(PLACES, c)"""


def world(plan: Plan) -> World:
    """The tables of a plan."""
    cares = plan.book.care_type_names
    offered = _offered(plan)
    models = [CARE_MODELS.get(care) for care in cares]
    fallback = CARE_MODELS["outpatient"]
    known = [model or fallback for model in models]
    mean = np.array([_mean_count(model) for model in known])
    share = np.array([model.share if model else 0.0 for model in models]) * offered.any(axis=0)
    if not share.any():
        found = ", ".join(cares) or "none"
        raise InputError(
            f"book {plan.book.name}: found care types {found}, expected one that a synthetic facility may provide"
        )
    episodes = share / mean
    return World(
        care_types=cares,
        episode_care=choice_table(episodes),
        counts=np.stack([choice_table(model.counts) + 1 for model in known]).astype(np.int32),
        claims_per_episode=float((episodes * mean).sum() / episodes.sum()),
        gap_days=np.array([model.gap_days for model in known], dtype=np.int64),
        length_s=np.stack([_length(model.length) for model in known] + [_length(LONG_THERAPY_LENGTH)]),
        hours=np.array([HOURS.index(model.hours) for model in known], dtype=np.int32),
        start_s=np.stack(
            [
                _office_start(),
                _admission_start(),
                np.arange(TABLE_SIZE, dtype=np.int32) * 86_340 // TABLE_SIZE,
            ]
        ),
        quantity=np.array([model.quantity for model in known], dtype=np.int64),
        is_ward=np.array([model.hours == "admission" for model in known], dtype=np.bool_),
        is_long_therapy=np.array([care in LONG_THERAPY for care in cares], dtype=np.bool_),
        diagnosis=diagnosis_tables([model.specialties for model in known]),
        place=np.concatenate([_places(offered[:, care]) for care in range(len(cares))]),
        place_level=np.array([place.level - 1 for place in PLACES], dtype=np.int64),
        place_ownership=np.array([OWNERSHIPS.index(place.ownership) for place in PLACES], dtype=np.int64),
        place_cabinets=np.array(
            [
                _CABINETS_IN_CAPITAL if place.area == NATIONAL else _CABINETS_BY_LEVEL[place.level - 1]
                for place in PLACES
            ],
            dtype=np.int64,
        ),
        departments=tuple(
            f"{kind}{specialty + 1:02d}{number + 1}"
            for kind in "KT"
            for specialty in range(len(SPECIALTIES))
            for number in range(CABINETS)
        ),
        offered=offered,
    )


def department_code(specialty: I32, number: I64, ward: Bools) -> I32:
    """The index into `World.departments` of a specialty's cabinet or ward."""
    kind = np.where(ward, len(SPECIALTIES) * CABINETS, 0)
    return (kind + specialty * CABINETS + number).astype(np.int32)


def _offered(plan: Plan) -> Bools:
    """Which places (rows) do which care types (columns): what they do and the book lets them do on the first day."""
    rows = [row for row in plan.book.eligibility if in_force(row, plan.first_day)]
    let = {(row.facility_type, row.ownership, row.care_type) for row in rows}
    return np.array(
        [
            [
                care in place.care_types.split()
                and (not rows or (place.facility_type, place.ownership, care) in let)
                for care in plan.book.care_type_names
            ]
            for place in PLACES
        ],
        dtype=np.bool_,
    )


def _mean_count(model: CareModel) -> float:
    weights = np.array(model.counts)
    return float((weights * np.arange(1, weights.size + 1)).sum() / weights.sum())


def _length(length: Length) -> I32:
    return lognormal_table(length.median_s, length.sigma, length.low_s, length.high_s)


def _places(offered: Bools) -> I32:
    """The places a person of each area goes to for a care type; all alike if none offers it."""
    tables: list[I32] = []
    for area in range(AREAS_IN_BLOCK):
        near = {area: 1.0, NATIONAL: _IN_CAPITAL if area else 2 * _IN_CAPITAL}
        weights: F64 = np.array([place.size * near.get(place.area, _ELSEWHERE) for place in PLACES]) * offered
        tables.append(choice_table(weights if weights.any() else np.ones(len(PLACES))))
    return np.stack(tables)


def _office_start() -> I32:
    """8:30–17:00 with a lunch break, busiest in the morning, on five-minute marks."""
    marks = np.arange(510, 1000, 5)
    busy = np.where(marks < 720, 1.6, np.where(marks < 780, 0.25, 1.0))
    return (marks[choice_table(busy)] * 60).astype(np.int32)


def _admission_start() -> I32:
    """Round the clock, mostly 9–14."""
    marks = np.arange(0, 1435, 5)
    busy = np.where((marks >= 540) & (marks < 840), 8.0, np.where((marks >= 420) & (marks < 1260), 2.0, 0.5))
    return (marks[choice_table(busy)] * 60).astype(np.int32)
