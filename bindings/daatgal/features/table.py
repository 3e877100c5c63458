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
from daatgal.features.day_counts import day_counts
from daatgal.features.dear_claims import high_weight_shares
from daatgal.features.facility_history import deducted_shares, first_day, month_to_history, usual_days
from daatgal.features.facts import Facts, JudgedNight, facts_of_night
from daatgal.features.frequencies import rarity_of_groups, rarity_of_people, rarity_of_procedures
from daatgal.features.holidays import days_off
from daatgal.features.numbering import STRETCH
from daatgal.features.peers import PeerIndex, Peers, cells_of
from daatgal.features.person import BUCKET_ROWS, NAMES, person_features
from daatgal.features.thresholds import on_threshold
from daatgal.forest import FeatureColumns
from daatgal_engine.columns import F32, rows_between
from daatgal_engine.features.combinations import of_facilities
from daatgal_engine.features.ratios import (
    BILLED,
    BILLED_TO_GROSS,
    GROSS,
    RATIOS,
    STAY,
    Amounts,
    Usual,
    compare_amounts,
)
from daatgal_engine.features.usual_days import HeldAgainst, hold_against_usual
from daatgal_engine.features.visit_times import Times, VisitTimes, time_visits

if TYPE_CHECKING:
    from daatgal.features.aggregates import Aggregates
    from daatgal.features.cabinet_days import CabinetDays
    from daatgal.tariff.book import TariffBook
    from daatgal_engine.columns import I32, I64

LONGEST_VISIT_MINUTES = 1440.0


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
    asked = np.flatnonzero(facts.new & facts.standing) if rows is None else rows
    if rows is not None and not facts.standing[asked].all():
        raise InputError(
            "features: found a voided claim among the rows asked for, expected claims that stand"
        )
    scored = np.full(facts.rows, -1, np.int32)
    scored[asked] = np.arange(asked.size, dtype=np.int32)
    asked, place = frozen(asked), frozen(scored)
    columns: dict[str, F32] = {}
    itself = int(counted)

    def person_and_days() -> dict[str, F32]:
        person = person_features(facts, place, aggregates.once(first_day), threads, bucket_rows)
        counts = day_counts(facts, cabinet_days, asked, place)
        return dict(zip(NAMES, person.T, strict=True)) | _days(facts, aggregates, asked, counts, person)

    tasks = [
        person_and_days,
        lambda: _amounts(facts, aggregates, asked),
        lambda: _own(facts, rules, asked),
        lambda: {"rarity_diagnosis_procedure": rarity_of_procedures(facts, aggregates, asked, itself)},
        lambda: {"rarity_diagnosis_age_sex": rarity_of_people(facts, aggregates, asked, itself)},
        lambda: {"rarity_group_facility": rarity_of_groups(facts, aggregates, asked, itself)},
        lambda: {"facility_month_to_history": month_to_history(facts, aggregates, asked)},
        lambda: {"high_weight_share": high_weight_shares(facts, aggregates, asked)},
        lambda: {"facility_deductions": _deductions(facts, aggregates, asked)},
    ]
    for found in in_threads(lambda task: task(), tasks):
        columns |= found
    names = [feature.name for feature in FEATURES]
    pieces = [[(0, columns[name])] for name in names]
    return FeatureTable(asked, FeatureColumns(names, asked.size, pieces), facts)


def _amounts(facts: Facts, aggregates: Aggregates, rows: I64) -> dict[str, F32]:
    """Against the peers' median and against the tariff: ln((1 + value) / (1 + usual))."""
    cells = cells_of(facts, rows)
    known = aggregates.once(PeerIndex).groups(cells)
    medians = (aggregates.once(Peers, measure).medians(known) for measure in ("price", "billed", "duration"))
    usual = Usual(*(frozen(median) for median in medians))
    claims = Amounts(facts.gross_mnt, facts.billed_mnt, facts.start_s, facts.end_s, facts.is_stay)
    found = np.empty((RATIOS, rows.size), np.float32)

    def compare(chunk: tuple[int, int]) -> None:
        for begin, end in row_ranges(chunk[1] - chunk[0], STRETCH):
            own = slice(chunk[0] + begin, chunk[0] + end)
            ratios = np.empty((RATIOS, end - begin))
            compare_amounts(claims, rows[own], cells.of_row[own], usual, ratios)
            found[:STAY, own] = np.log(ratios[:STAY], out=ratios[:STAY])
            stays = np.flatnonzero(ratios[STAY] != 1.0)  # few claims are stays
            found[STAY, own] = 0.0
            found[STAY, own.start + stays] = np.log(ratios[STAY, stays])

    in_threads(compare, row_ranges(rows.size))
    return {
        "price_to_peers": found[GROSS],
        "billed_to_peers": found[BILLED],
        "stay_to_peers": found[STAY],
        "billed_to_tariff": found[BILLED_TO_GROSS],
    }


def _own(facts: Facts, book: TariffBook | None, rows: I64) -> dict[str, F32]:
    times = Times(facts.is_stay, facts.start_s, facts.end_s)
    found = VisitTimes(np.empty(rows.size, np.float32), np.empty(rows.size, np.float32))
    limits = (neutral("visit_minutes"), LONGEST_VISIT_MINUTES)

    def look(chunk: tuple[int, int]) -> None:
        time_visits(times, rows[slice(*chunk)], days_off(), limits, rows_between(found, *chunk))

    in_threads(look, row_ranges(rows.size))
    turns = np.zeros(rows.size, np.float32) if book is None else on_threshold(facts, book, rows)
    return {"visit_minutes": found.minutes, "day_off": found.day_off, "on_threshold": turns}


def _days(facts: Facts, aggregates: Aggregates, rows: I64, counts: I32, own: F32) -> dict[str, F32]:
    usual = (usual_days(facts, aggregates), neutral("cabinet_claims_same_day"))
    asked = frozen(rows)
    found = HeldAgainst(np.empty(rows.size, np.float32), np.empty(rows.size, np.float32))

    def hold(chunk: tuple[int, int]) -> None:
        part = slice(*chunk)
        facility = facts.facility.codes, asked[part]
        hold_against_usual(counts[part], own[part], usual, facility, rows_between(found, *chunk))

    in_threads(hold, row_ranges(rows.size))
    return {
        "cabinet_claims_same_day": found.cabinet,
        "facility_day_to_history": found.facility,
    }


def _deductions(facts: Facts, aggregates: Aggregates, rows: I64) -> F32:
    shares, out = (
        frozen(deducted_shares(facts, aggregates).astype(np.float32)),
        np.empty(rows.size, np.float32),
    )
    of_facilities(shares, facts.facility.codes, rows, out)
    return out


def neutral(name: str) -> float:
    """The value of a feature where a claim has none."""
    return FEATURES[COLUMN[name]].neutral
