"""Settle: the payment rules over one bucket of people after another. A group scan.

In: the SEATED records of a batch, bucket by bucket. Out: the outcome of each claim, at its row. People are independent,
so buckets run in any order and on any thread. Source: rules.md §3, whose order is the table `PHASES`.
"""

from typing import NamedTuple

import numpy as np

from daatgal_engine._jit import kernel
from daatgal_engine.block import People, Room, gather_people, room_for, write_back
from daatgal_engine.book import Records
from daatgal_engine.calls import addresses_of, call
from daatgal_engine.columns import I64, Ids
from daatgal_engine.people import arrange
from daatgal_engine.phases.bundled import bundled_in_stay
from daatgal_engine.phases.caps import diagnostics_cap, year_limit
from daatgal_engine.phases.copayment import copayment, visit_copay
from daatgal_engine.phases.entitled import coverage, eligibility, order_required
from daatgal_engine.phases.exact_duplicate import exact_duplicate
from daatgal_engine.phases.flags import (
    overlapping_stay,
    paired_diagnosis_missing,
    suspect_duplicate,
    visit_too_short,
)
from daatgal_engine.phases.rehabilitation import rehab_sessions
from daatgal_engine.phases.repeats import once_a_year, positive_already, repeat_test, repeat_visit
from daatgal_engine.phases.stays import minimum_stay, ward_transfer

PHASES = (
    eligibility,
    coverage,
    order_required,
    exact_duplicate,
    ward_transfer,
    minimum_stay,
    bundled_in_stay,
    repeat_visit,
    positive_already,
    repeat_test,
    rehab_sessions,
    once_a_year,
    diagnostics_cap,
    visit_copay,
    copayment,
    year_limit,
    overlapping_stay,
    visit_too_short,
    suspect_duplicate,
    paired_diagnosis_missing,
)
"""The phases in their order; each looks only at claims still payable after the one before."""


class Batch(NamedTuple):
    """The standing claims of a batch, and where their outcomes go."""

    insured: Ids
    claim: Ids
    claims: Records
    """SEATED, by bucket of people"""
    outcomes: Records
    """OUTCOME, by row"""


@kernel
def settle_buckets(phases: I64, bounds: I64, batch: Batch, rules: Records, room: Room) -> None:
    """Settle the people of the buckets `bounds[k] : bounds[k + 1]` of the batch's claims by the kernels at `phases`."""
    for k in range(bounds.size - 1):
        claims = batch.claims[bounds[k] : bounds[k + 1]]
        first, scratch = room.people.first, room.scratch
        count = arrange(batch.insured, batch.claim, claims, first, scratch)
        people = People(first[: count + 1], room.people.care_types[:count], room.people.stays[:count])
        block = room.block[: claims.size]
        gather_people(claims, scratch.pick, people, block)
        for phase in range(phases.size):
            call(phases[phase], block, people, rules, scratch)
        write_back(block, batch.outcomes)


def settle_people(bounds: I64, batch: Batch, rules: Records) -> None:
    """Settle the people of the buckets `bounds[k] : bounds[k + 1]`, each arranged, copied together once and scanned."""
    room = room_for(int(np.diff(bounds).max()))
    phases = addresses_of(PHASES, room.block, room.people, rules, room.scratch)
    settle_buckets(phases, bounds, batch, rules, room)
