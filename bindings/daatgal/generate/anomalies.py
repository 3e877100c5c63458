"""What an auditor looks for: eight kinds of abuse, each claim of them named in the truth.

In flows the stage of a piece and how many claims to make; out flow added rows and the truth. None of these breaks a
payment rule by itself: they are for the anomaly score to find.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from daatgal.generate.care import DAY_S
from daatgal.generate.diagnoses import band_row, diagnoses
from daatgal.generate.draws import Draws
from daatgal.generate.facilities import NATIONAL_PLACES, PLACES
from daatgal.generate.faults import set_length
from daatgal.generate.rows import NONE
from daatgal.generate.stage import Made, Stage, truth

if TYPE_CHECKING:
    from daatgal.generate.rows import I32, I64, Rows

_VISITS_A_DAY = 6
_TESTS_TOGETHER = 8
_FACILITIES_A_DAY = 4
_DEAREST = 6
_WORTH_IT_PERCENT = 125
_GROWTH_DAYS = 10
_SMALL = 2
_OF_MEN, _OF_WOMEN, _OF_THE_OLD = ("O809", "N809", "D259"), ("N409", "C619"), ("G309", "H259", "M819")


def upcoding(stage: Stage, count: int) -> Made:
    """A hospital of the block claims dearer groups of the same specialty for its inpatients."""
    draws = stage.draws("upcoding")
    inpatient = stage.is_care("inpatient")
    place = stage.place(stage.rows)
    hospitals = np.unique(place[inpatient & (place >= NATIONAL_PLACES)])
    if hospitals.size == 0:
        return Made(None, [])
    chosen = hospitals[
        Draws(stage.scene.seed, "upcoding hospital", stage.scene.piece.block).below(1, hospitals.size)[0]
    ]
    index = stage.choose(draws, count, inpatient & (place == chosen) & (stage.rows.drg != NONE))
    was = stage.rows.take(index)
    dear = stage.billed(draws, stage.ill(was, _dearer(stage, draws, was)))
    paying = stage.priced(dear) * 100 >= stage.priced(was) * _WORTH_IT_PERCENT
    index, dear = index[paying], dear.take(np.flatnonzero(paying))
    for name in ("icd", "drg", "billed_mnt", "procedure"):
        getattr(stage.rows, name)[index] = getattr(dear, name)
    return Made(None, [truth("upcoding", dear)])


def phantom_visits(stage: Stage, count: int) -> Made:
    """Half a dozen visits of one insured in one facility on one day, each in another cabinet for another illness."""
    draws = stage.draws("phantom_visits")
    index = stage.choose(draws, count // _VISITS_A_DAY, stage.is_care("outpatient"))
    index = np.repeat(index, _VISITS_A_DAY)
    first = stage.rows.take(index)
    start_s = first.start_s // DAY_S * DAY_S + 30_600 + draws.below(index.size, 96) * 300
    visit = stage.moved(stage.copies(index), start_s, 660 + draws.below(index.size, 900))
    age, sex = stage.age(visit), stage.scene.people.sex[stage.person(visit)]
    visit = stage.ill(
        visit, draws.pick_row(stage.scene.world.diagnosis, band_row(visit.care, age.clip(max=110), sex))
    )
    visit = stage.billed(
        draws, stage.at(visit, stage.place(visit), visit.specialty, draws.below(index.size, 9))
    )
    return Made(visit, [truth("phantom_visits", visit, first.number)])


def unbundled_tests(stage: Stage, count: int) -> Made:
    """One panel of tests claimed as eight single ones, minutes apart."""
    draws = stage.draws("unbundled_tests")
    index = stage.choose(
        draws, count // _TESTS_TOGETHER, stage.is_care("diagnostics") & (stage.rows.service != NONE)
    )
    index = np.repeat(index, _TESTS_TOGETHER)
    first = stage.rows.take(index)
    turn = np.arange(index.size) % _TESTS_TOGETHER
    if index.size == 0:
        return Made(None, [])
    known = np.unique(stage.scene.prices.service_table[first.care[0]])
    known = known[known != NONE]
    service = known[(np.searchsorted(known, first.service) + 1 + turn) % known.size]
    test = stage.moved(
        stage.copies(index)._replace(service=service), first.start_s + turn * 120, np.full(index.size, 240)
    )
    return Made(stage.billed(draws, test), [truth("unbundled_tests", test, first.number)])


def stretched_stay(stage: Stage, count: int) -> Made:
    """A short admission kept until a few minutes after the 24 hours that make it a stay."""
    draws = stage.draws("stretched_stay")
    index = stage.choose(draws, count, stage.is_care("inpatient") & stage.alone)
    set_length(stage, index, DAY_S + 60 + draws.below(index.size, 20) * 60)
    return Made(None, [truth("stretched_stay", stage.rows.take(index))])


def impossible_volume(stage: Stage, count: int) -> Made:
    """One doctor in one cabinet sees more people on one day than a day has room for."""
    draws = stage.draws("impossible_volume")
    index = stage.choose(draws, count, stage.is_care("outpatient"))
    if index.size == 0:
        return Made(None, [])
    model = np.repeat(index[:1], index.size)
    day = stage.rows.start_s[model] // DAY_S * DAY_S
    visit = stage.copies(index)
    visit = stage.moved(
        visit, day + 28_800 + np.arange(index.size) * (39_600 // index.size), np.full(index.size, 600)
    )
    specialty = np.maximum(stage.rows.specialty[model], 0)
    visit = stage.at(
        visit, stage.place(stage.rows.take(model)), specialty, np.zeros(index.size, dtype=np.int64)
    )
    return Made(stage.billed(draws, visit), [truth("impossible_volume", visit)])


def diagnosis_mismatch(stage: Stage, count: int) -> Made:
    """A man in childbed, a woman with a prostate, a child with an illness of the old."""
    draws = stage.draws("diagnosis_mismatch")
    index = stage.choose(draws, count, stage.is_care("outpatient", "inpatient"))
    was = stage.rows.take(index)
    man = stage.scene.people.sex[stage.person(was)] == 0
    child = stage.age(was) < 16
    coin = draws.below(index.size, 6)
    icd = np.where(
        child,
        _codes(_OF_THE_OLD)[coin % 3],
        np.where(man, _codes(_OF_MEN)[coin % 3], _codes(_OF_WOMEN)[coin % 2]),
    )
    ill = stage.ill(was, icd.astype(np.int32))
    for name in ("icd", "drg", "procedure"):
        getattr(stage.rows, name)[index] = getattr(ill, name)
    return Made(None, [truth("diagnosis_mismatch", ill)])


def across_facilities(stage: Stage, count: int) -> Made:
    """One illness of one insured billed by several facilities on one day."""
    draws = stage.draws("across_facilities")
    index = np.repeat(
        stage.choose(draws, count // _FACILITIES_A_DAY, stage.is_care("outpatient")), _FACILITIES_A_DAY
    )
    first = stage.rows.take(index)
    if index.size == 0:
        return Made(None, [])
    offering = np.flatnonzero(stage.scene.world.offered[:, first.care[0]])
    turn = np.arange(index.size) % _FACILITIES_A_DAY
    place = offering[
        (draws.below(index.size // _FACILITIES_A_DAY, offering.size).repeat(_FACILITIES_A_DAY) + turn)
        % offering.size
    ]
    start_s = first.start_s // DAY_S * DAY_S + 32_400 + turn * 5400 + draws.below(index.size, 12) * 300
    visit = stage.moved(stage.copies(index), start_s, first.end_s - first.start_s)
    visit = stage.at(
        visit, place.astype(np.int32), np.maximum(first.specialty, 0), draws.below(index.size, 9)
    )
    return Made(stage.billed(draws, visit), [truth("across_facilities", visit, first.number)])


def sudden_growth(stage: Stage, count: int) -> Made:
    """A clinic that in the last ten days of a month sees several times as many people as ever."""
    draws = stage.draws("sudden_growth")
    index = stage.choose(draws, count, stage.is_care("outpatient"))
    if index.size == 0:
        return Made(None, [])
    rows = stage.rows.take(index)
    small = np.array([place.size <= _SMALL for place in PLACES])
    clinics = np.flatnonzero(stage.scene.world.offered[:, rows.care[0]] & small)
    clinics = clinics[clinics >= NATIONAL_PLACES]
    if clinics.size == 0:
        return Made(None, [])
    place = np.full(index.size, clinics[draws.below(1, clinics.size)[0]], dtype=np.int32)
    month = stage.scene.piece.month
    day = month.first_day + month.days - 1 - draws.below(index.size, _GROWTH_DAYS)
    visit = stage.moved(stage.copies(index), day * DAY_S + rows.start_s % DAY_S, rows.end_s - rows.start_s)
    visit = stage.at(visit, place, np.maximum(rows.specialty, 0), draws.below(index.size, 9))
    return Made(stage.billed(draws, visit), [truth("sudden_growth", visit)])


def _dearer(stage: Stage, draws: Draws, rows: Rows) -> I32:
    """For each claim one of the dearest diagnoses of its specialty that fit age and sex."""
    known, prices = diagnoses(), stage.scene.prices
    ages, sexes = stage.age(rows), stage.scene.people.sex[stage.person(rows)]
    coin = draws.below(rows.icd.size, _DEAREST)
    dear = rows.icd.copy()
    for row in range(dear.size):
        care, age, sex = int(rows.care[row]), int(ages[row]), int(sexes[row])
        fits = (
            (known.specialty == known.specialty[dear[row]]) & (known.age_from <= age) & (known.age_to >= age)
        )
        candidates = np.flatnonzero(fits & ((known.sex == NONE) | (known.sex == sex)))
        if candidates.size == 0:
            continue
        band = int(np.searchsorted(prices.age_from, age, side="right")) - 1
        group = prices.plain_group[care, candidates, band, sex]
        price = np.where(group == NONE, -1, prices.price_mnt[care, 1, 0, group])
        best = candidates[np.argsort(-price, kind="stable")[:_DEAREST]]
        dear[row] = best[coin[row] % best.size]
    return dear


def _codes(codes: tuple[str, ...]) -> I64:
    known = diagnoses().code
    return np.array([known.index(code) for code in codes])
