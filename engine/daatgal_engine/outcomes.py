"""Outcomes as records: what the ledger reads of a claim.

In: what pricing and the messages say of each row. Out: one OUTCOME record a row, of which settling writes its part
where the claim stands. Row maps. Source: rules.md §0, §2.
"""

import numpy as np

from daatgal_engine._jit import kernel
from daatgal_engine.book import Records
from daatgal_engine.columns import I64, Int
from daatgal_engine.reasons import Decision
from daatgal_engine.standing import Told

VOIDED = np.int8(Decision.VOIDED)

OUTCOME = np.dtype(
    [
        # the first cache line: what settling writes
        ("fund_mnt", "i8"),
        ("copay_mnt", "i8"),
        ("excess_mnt", "i8"),
        ("deducted_mnt", "i8"),
        ("reasons", "u8"),
        ("related", "i8"),  # row in the batch, -1
        ("case", "i8"),  # row of the case's first claim
        ("decision", "i1"),
        # what pricing writes, row after row
        ("drg", "i4"),
        ("gross_mnt", "i8"),
        ("weight_e4", "i8"),  # NO_MNT: null
        ("base_mnt", "i8"),  # NO_MNT: null
        ("period_day", "i4"),  # NO_DAY: null
    ],
    align=True,
)
"""What the ledger says of a row."""


@kernel
def note_outcomes(prices: Records, begin: Int, seat: I64, outcomes: Records) -> None:
    """Write what pricing says of each row, and that a row without a seat is voided; settling writes what stands."""
    for i in range(outcomes.size):
        outcome, priced = outcomes[i], prices[i]
        outcome.gross_mnt = priced.gross_mnt
        outcome.weight_e4 = priced.weight_e4
        outcome.base_mnt = priced.base_mnt
        outcome.drg = priced.drg
        outcome.period_day = priced.period_day
        if seat[i] >= 0:
            continue
        outcome.decision = VOIDED
        outcome.reasons = 0
        outcome.related = -1
        outcome.case = begin + i
        outcome.fund_mnt = 0
        outcome.copay_mnt = 0
        outcome.excess_mnt = 0
        outcome.deducted_mnt = 0


@kernel
def note_told(told: Told, begin: Int, seat: I64, claims: Records, outcomes: Records) -> None:
    """Write over it what messages say of some of the rows, which are counted from `begin`."""
    for k in range(told.row.size):
        i = told.row[k] - begin
        if seat[i] < 0:
            outcomes[i].reasons = told.reasons[k]
            outcomes[i].related = told.related[k]
            continue
        claims[seat[i]].related = told.related[k]
        claims[seat[i]].presented_s = told.presented_s[k]
