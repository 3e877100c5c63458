"""The features of claims: from a settled night and saved aggregates to columns of numbers.

In: a `JudgedNight` (or `Facts` of the history), `Aggregates`, `CabinetDays`. Out: a `FeatureTable`. What is usual
comes from the aggregates alone; what a person, a cabinet or a doctor has comes from history and night together.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from daatgal.decode.arrays import frozen, in_threads, row_ranges
from daatgal.errors import InputError
from daatgal.features.catalogue import COLUMN, FEATURES
from daatgal.features.day_counts import UNKNOWN, day_counts
from daatgal.features.dear_claims import high_weight_shares
from daatgal.features.facility_history import day_to_history, deducted_shares, month_to_history
from daatgal.features.facts import Facts, JudgedNight, facts_of_night
from daatgal.features.frequencies import rarity_of_groups, rarity_of_people, rarity_of_procedures
from daatgal.features.holidays import is_day_off
from daatgal.features.measures import has_times, minutes
from daatgal.features.own_day import OwnDay, own_day
from daatgal.features.pace import paces
from daatgal.features.peers import Peers, cells_of
from daatgal.features.person import BUCKET_ROWS, person_features
from daatgal.features.person import NAMES as PERSON
from daatgal.features.thresholds import on_threshold
from daatgal.forest import FeatureColumns
from daatgal_engine.calendar import DAY_S
from daatgal_engine.columns import rows_between
from daatgal_engine.features.ratios import Amounts, Ratios, Usual, compare_amounts

if TYPE_CHECKING:
    from daatgal.features.aggregates import Aggregates
    from daatgal.features.cabinet_days import CabinetDays
    from daatgal.forest.model import F64
    from daatgal.tariff.book import TariffBook
    from daatgal_engine.columns import I64
    from daatgal_engine.features.histories import F32

LONGEST_VISIT_MINUTES = 1440


@dataclass(frozen=True)
class FeatureTable:
    """Features of `m` claims."""

    rows: I64
    """m: their positions in the night, ascending as they were asked for"""
    columns: FeatureColumns
    """float32, all finite, in the order of FEATURES"""
    facts: Facts
    """of all claims of the night: what `compare` shows"""

    @property
    def names(self) -> tuple[str, ...]:
        """By column."""
        return tuple(feature.name for feature in FEATURES)

    @property
    def versions(self) -> tuple[str, ...]:
        """By column."""
        return tuple(feature.version for feature in FEATURES)


def compute(
    night: JudgedNight | Facts,
    aggregates: Aggregates,
    cabinet_days: CabinetDays,
    rows: I64 | None = None,
    *,
    book: TariffBook | None = None,
    counted: bool = False,
    threads: int | None = None,
    bucket_rows: int = BUCKET_ROWS,
) -> FeatureTable:
    """The features of the night's new claims that stand, or of the standing `rows` asked for.

    Of the history, give `facts_of_state` and the `book`; all claims of a person must be there together. `counted`: the
    aggregates count these very claims, so each is held against the others, as a claim that is new will be. Raises
    InputError where a voided claim is asked for.
    """
    facts = facts_of_night(night) if isinstance(night, JudgedNight) else night
    rules = night.book if isinstance(night, JudgedNight) else book
    asked = np.flatnonzero((facts.new != 0) & (facts.standing != 0)) if rows is None else rows
    if not facts.standing[asked].all():
        raise InputError(
            "features: found a voided claim among the rows asked for, expected claims that stand"
        )
    columns: dict[str, np.ndarray] = {}

    def person_and_days() -> dict[str, np.ndarray]:
        person = dict(zip(PERSON, person_features(facts, asked, threads, bucket_rows).T, strict=True))
        own = own_day(facts, asked, person["claims_same_day"])
        days = _days(facts, aggregates, cabinet_days, asked, own)
        return person | paces(person, facts, aggregates, asked) | days

    tasks = [
        person_and_days,
        lambda: _amounts(facts, aggregates, asked),
        lambda: _rarity(facts, aggregates, asked, int(counted)),
        lambda: _facility(facts, aggregates, asked),
        lambda: _own(facts, rules, asked),
    ]
    for found in in_threads(lambda task: task(), tasks):
        columns |= found
    pieces = [[(0, columns[feature.name].astype(np.float32, copy=False))] for feature in FEATURES]
    names = [feature.name for feature in FEATURES]
    return FeatureTable(asked, FeatureColumns(names, asked.size, pieces), facts)


def _amounts(facts: Facts, aggregates: Aggregates, rows: I64) -> dict[str, F32]:
    """Against the peers' median and against the tariff: ln((1 + value) / (1 + usual))."""
    cells = cells_of(facts, rows)
    medians = (aggregates.once(Peers, measure).medians(cells) for measure in ("price", "billed", "duration"))
    usual = Usual(*(frozen(median) for median in medians))
    claims = Amounts(facts.gross_mnt, facts.billed_mnt, facts.start_s, facts.end_s, facts.is_stay)
    ratios = Ratios(*(np.empty(rows.size, np.float32) for _ in Ratios._fields))
    asked, of_row = frozen(rows), frozen(cells.of_row)

    def compare(chunk: tuple[int, int]) -> None:
        own = slice(*chunk)
        compare_amounts(claims, asked[own], of_row[own], usual, rows_between(ratios, *chunk))

    in_threads(compare, row_ranges(rows.size))
    return {
        "price_to_peers": ratios.gross,
        "billed_to_peers": ratios.billed,
        "stay_to_peers": ratios.stay,
        "billed_to_tariff": ratios.billed_to_gross,
    }


def _own(facts: Facts, book: TariffBook | None, rows: I64) -> dict[str, np.ndarray]:
    visit = ((facts.is_stay == 0) & has_times(facts))[rows]
    lasted = np.minimum(minutes(facts)[rows], LONGEST_VISIT_MINUTES)
    return {
        "visit_minutes": np.where(visit, lasted, neutral("visit_minutes")),
        "day_off": is_day_off(facts.start_s[rows] // DAY_S),
        "on_threshold": np.zeros(rows.size) if book is None else on_threshold(facts, book, rows),
    }


def _days(
    facts: Facts, aggregates: Aggregates, cabinet_days: CabinetDays, rows: I64, own: OwnDay
) -> dict[str, np.ndarray]:
    """Of the person's own claims one counts everywhere."""
    counts = day_counts(facts, cabinet_days, rows)
    alone = neutral("cabinet_claims_same_day")
    cabinet = np.where(counts.cabinet == UNKNOWN, alone, counts.cabinet - own.cabinet + 1)
    doctor = np.where(counts.doctor == UNKNOWN, alone, counts.doctor - own.doctor + 1)
    facility = counts.facility - own.facility + 1
    return {
        "visits_same_day": own.visits,
        "cabinet_claims_same_day": np.maximum(cabinet, doctor),
        "facility_day_to_history": day_to_history(facility, facts, aggregates, rows),
    }


def _rarity(facts: Facts, aggregates: Aggregates, rows: I64, itself: int) -> dict[str, F64]:
    return {
        "rarity_diagnosis_procedure": rarity_of_procedures(facts, aggregates, rows, itself),
        "rarity_diagnosis_age_sex": rarity_of_people(facts, aggregates, rows, itself),
        "rarity_group_facility": rarity_of_groups(facts, aggregates, rows, itself),
    }


def _facility(facts: Facts, aggregates: Aggregates, rows: I64) -> dict[str, F64]:
    return {
        "facility_month_to_history": month_to_history(facts, aggregates, rows),
        "high_weight_share": high_weight_shares(facts, aggregates, rows),
        "facility_deductions": deducted_shares(facts, aggregates)[facts.facility.codes[rows]],
    }


def neutral(name: str) -> float:
    """The value of a feature where a claim has none."""
    return FEATURES[COLUMN[name]].neutral
