"""What goes wrong in any month without intent: claims sent twice, visits during a stay, repeats, slips of the pen.

In flows the stage of a piece and how many claims to make; out flow added rows and the truth. Each maker serves one
rule of the payment procedure or one leniency of decode.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from daatgal.generate.care import DAY_S
from daatgal.generate.diagnoses import diagnoses
from daatgal.generate.encode import BROKEN_ICD, BROKEN_PROCEDURE
from daatgal.generate.rows import NONE
from daatgal.generate.stage import Made, Stage, truth

if TYPE_CHECKING:
    from daatgal.generate.draws import Draws
    from daatgal.generate.rows import I64

_BROKEN_SEX, _BROKEN_RESULT = 2, 2
_MORNING_S, _LAST_HOUR_S = 9 * 3600, 23 * 3600


def exact_duplicate(stage: Stage, count: int) -> Made:
    """The same claim sent again under another number."""
    draws = stage.draws("exact_duplicate")
    index = stage.choose(draws, count)
    first = stage.rows.take(index)
    again = stage.copies(index)._replace(submitted_s=stage.later(draws, first.presented_s()))
    return Made(again, [truth("exact_duplicate", again, first.number)])


def visit_in_stay(stage: Stage, count: int) -> Made:
    """A visit or a test in the hospital where the insured lies at that time."""
    draws = stage.draws("visit_in_stay")
    names = stage.scene.world.care_types
    visits = [code for code, name in enumerate(names) if name in {"outpatient", "diagnostics"}]
    if not visits:
        return Made(None, [])
    sees = (stage.scene.world.offered[:, visits].sum(axis=1) == len(visits))[stage.place(stage.rows)]
    long = stage.rows.end_s - stage.rows.start_s >= 3 * DAY_S
    index = stage.choose(draws, count, stage.is_care("inpatient") & long & sees)
    stay = stage.rows.take(index)
    care = np.array(visits, dtype=np.int32)[draws.below(index.size, len(visits))]
    days = np.maximum((stay.end_s - stay.start_s) // DAY_S - 1, 1)
    start_s = (stay.start_s // DAY_S + 1 + draws.below(index.size, days)) * DAY_S + _MORNING_S
    service = draws.pick_row(stage.scene.prices.service_table, care.astype(np.int64))
    visit = stage.moved(
        stage.copies(index), start_s + draws.below(index.size, 80) * 300, 900 + draws.below(index.size, 900)
    )
    visit = stage.ill(visit._replace(care=care, service=service), visit.icd)
    visit = stage.at(visit, stage.place(visit), visit.specialty, draws.below(index.size, 9))
    return Made(stage.billed(draws, visit), [truth("visit_in_stay", visit, stay.number)])


def repeat_visit(stage: Stage, count: int) -> Made:
    """The same illness seen again in another cabinet of the same specialty, facility and month."""
    draws = stage.draws("repeat_visit")
    cabinets = stage.scene.world.place_cabinets[stage.place(stage.rows)]
    fits = (
        stage.is_care("outpatient")
        & (cabinets > 1)
        & (stage.rows.department != NONE)
        & (stage.rows.specialty != NONE)
    )
    index = stage.choose(draws, count, fits)
    first = stage.rows.take(index)
    again = stage.moved(
        stage.copies(index),
        later_in_month(stage, draws, first.start_s),
        first.end_s - first.start_s,
    )
    other = first.department % 9 + 1 + draws.below(index.size, np.maximum(cabinets[index] - 1, 1))
    again = stage.at(again, stage.place(again), first.specialty, other)
    return Made(again, [truth("repeat_visit", again, first.number)])


def repeat_test(stage: Stage, count: int) -> Made:
    """The same test again in the month, half of them in another facility of the same level."""
    draws = stage.draws("repeat_test")
    rows = stage.rows
    levels, offered = stage.scene.world.place_level, stage.scene.world.offered
    index = stage.choose(
        draws, count, stage.is_care("diagnostics", "high_cost_diagnostics") & (rows.service != NONE)
    )
    first = rows.take(index)
    again = stage.moved(
        stage.copies(index),
        later_in_month(stage, draws, first.start_s),
        first.end_s - first.start_s,
    )
    place = stage.place(again)
    elsewhere = draws.chance(index.size, 0.5)
    turn = draws.below(index.size, 1 << 16)
    for row in np.flatnonzero(elsewhere):
        alike = np.flatnonzero((levels == levels[place[row]]) & offered[:, first.care[row]])
        place[row] = alike[turn[row] % alike.size]
    specialty = np.maximum(first.specialty, 0)
    again = stage.at(again, place, specialty, draws.below(index.size, 9))
    return Made(again, [truth("repeat_test", again, first.number)])


def short_stay(stage: Stage, count: int) -> Made:
    """A stay of a day or less, one in four of exactly 24 hours."""
    draws = stage.draws("short_stay")
    index = stage.choose(draws, count, stage.is_care("inpatient") & stage.alone)
    hours = np.minimum(3 + draws.below(index.size, 29), 24)
    set_length(stage, index, hours * 3600)
    return Made(None, [truth("short_stay", stage.rows.take(index))])


def date_without_time(stage: Stage, count: int) -> Made:
    """A claim from a hospital system that keeps dates only."""
    index = stage.choose(stage.draws("date_without_time"), count)
    stage.rows.start_s[index] = stage.rows.start_s[index] // DAY_S * DAY_S
    stage.rows.end_s[index] = stage.rows.end_s[index] // DAY_S * DAY_S
    return Made(None, [truth("date_without_time", stage.rows.take(index))])


def malformed_value(stage: Stage, count: int) -> Made:
    """A slip in a field that is not essential: it costs the value and not the claim."""
    draws = stage.draws("malformed_value")
    index = stage.choose(draws, count)
    rows, known = stage.rows, len(diagnoses().code)
    slip = draws.below(index.size, 5)
    broken = draws.below(index.size, 3)
    procedures = len(stage.scene.prices.procedures)
    rows.secondary[index[slip == 0], 0] = known + broken[slip == 0] % len(BROKEN_ICD)
    rows.procedure[index[slip == 1], 0] = procedures + broken[slip == 1] % len(BROKEN_PROCEDURE)
    rows.sex[index[slip == 2]] = _BROKEN_SEX
    rows.result[index[slip == 3]] = _BROKEN_RESULT
    late = index[slip == 4]
    rows.birth_day[late] = rows.start_s[late] // DAY_S + 1 + broken[slip == 4]
    return Made(None, [truth("malformed_value", rows.take(index))])


def set_length(stage: Stage, index: I64, length_s: I64) -> None:
    """Give stays another length, sent as long after their end as before."""
    changed = stage.moved(stage.rows.take(index), stage.rows.start_s[index], length_s)
    stage.rows.end_s[index] = changed.end_s
    stage.rows.submitted_s[index] = changed.submitted_s


def later_in_month(stage: Stage, draws: Draws, start_s: I64) -> I64:
    """The same hour on a later day of the same month; two hours later on its last day."""
    month = stage.scene.piece.month
    left = month.first_day + month.days - 1 - start_s // DAY_S
    days = 1 + draws.below(start_s.size, np.maximum(left, 1))
    return np.where(
        left > 0, start_s + days * DAY_S, start_s // DAY_S * DAY_S + _LAST_HOUR_S + start_s % 3600
    )
