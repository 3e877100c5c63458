"""Outcomes column by column, as the ledger has them.

In: OUTCOME records, what was billed. Out: the ledger's numbers as arrays, checked for their balance; reason codes as
text. Row maps. Source: contract, ledger.
"""

from typing import NamedTuple

from daatgal_engine._jit import kernel
from daatgal_engine.book import Records
from daatgal_engine.columns import I8, I32, I64, NO_MNT, U8, U64, ZERO, Int
from daatgal_engine.outcomes import VOIDED
from daatgal_engine.reasons import UNPRICED


class LedgerColumns(NamedTuple):
    """`n` rows; the fields of an OUTCOME, and how what was billed differs from the gross amount."""

    decision: I8
    drg: I32
    weight_e4: I64
    base_mnt: I64
    gross_mnt: I64
    fund_mnt: I64
    copay_mnt: I64
    excess_mnt: I64
    deducted_mnt: I64
    reasons: U64
    related: I64
    case: I64
    period_day: I32
    difference_mnt: I64
    """billed over gross amount; 0 where it is not known"""
    difference_unknown: U8


class ReasonNames(NamedTuple):
    """The codes as text: code `i` is `data[offset[i] : offset[i + 1]]`."""

    data: U8
    offset: I64


class ReasonText(NamedTuple):
    """Lists of reason codes as Arrow lays them out."""

    begin: I32
    """n + 1: where the codes of each row begin"""
    offset: I32
    """codes + 1: where the bytes of each code begin"""
    data: U8


@kernel
def lay_out(outcomes: Records, billed_mnt: I64, columns: LedgerColumns) -> Int:
    """Write every outcome into `columns`; the first row that does not balance, or -1.

    gross = fund + copay + excess + deducted, all five of them 0 or more. Each record is read once.
    """
    decision, drg, weight_e4, base_mnt, gross_mnt, fund_mnt, copay_mnt, excess_mnt, deducted_mnt = columns[:9]
    reasons, related, case, period_day, difference_mnt, difference_unknown = columns[9:]
    unbalanced = -1 + ZERO
    for i in range(outcomes.size):
        outcome = outcomes[i]
        gross, fund, copay = outcome.gross_mnt, outcome.fund_mnt, outcome.copay_mnt
        excess, deducted = outcome.excess_mnt, outcome.deducted_mnt
        decision[i], drg[i], period_day[i] = outcome.decision, outcome.drg, outcome.period_day
        weight_e4[i], base_mnt[i], gross_mnt[i] = outcome.weight_e4, outcome.base_mnt, gross
        fund_mnt[i], copay_mnt[i], excess_mnt[i], deducted_mnt[i] = fund, copay, excess, deducted
        reasons[i], related[i], case[i] = outcome.reasons, outcome.related, outcome.case
        unpriced = (outcome.decision == VOIDED) | (outcome.reasons & UNPRICED != 0)
        unknown = unpriced | (billed_mnt[i] == NO_MNT)
        difference_unknown[i] = unknown
        difference_mnt[i] = ZERO if unknown else billed_mnt[i] - gross
        negative = (gross | fund | copay | excess | deducted) < 0
        if (negative | (gross != fund + copay + excess + deducted)) and unbalanced < 0:
            unbalanced = i + ZERO
    return unbalanced


@kernel
def measure_reasons(reasons: U64, names: ReasonNames, size: I64) -> None:
    """Add up the codes of some rows and their bytes: `size` int64[2]."""
    offset = names.offset
    codes, bytes_ = ZERO, ZERO
    for i in range(reasons.size):
        bits, code = reasons[i], 0
        while bits != 0:
            if bits & 1 != 0:
                codes += 1
                bytes_ += offset[code + 1] - offset[code]
            bits >>= 1
            code += 1
    size[0] += codes
    size[1] += bytes_


@kernel
def write_reasons(reasons: U64, names: ReasonNames, size: I64, text: ReasonText) -> None:
    """Write the codes of each row, ascending: deciding codes first, flags last.

    Reads: `size` int64[2], the codes and bytes before these rows. Writes: `text`, of `begin` the m entries behind the
    first, of the others from there on.
    """
    begin, offset, data = text
    known, starts = names
    codes, at = size[0], size[1]
    for i in range(reasons.size):
        bits, code = reasons[i], 0
        while bits != 0:
            if bits & 1 != 0:
                first = starts[code]
                for k in range(starts[code + 1] - first):
                    data[at + k] = known[first + k]
                at += starts[code + 1] - first
                codes += 1
                offset[codes] = at
            bits >>= 1
            code += 1
        begin[i + 1] = codes
