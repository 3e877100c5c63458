"""Ledgers and quarantines in, counts out: which reasons, faults and switches a set of claims has seen."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field

from tests.adversarial.rule_rows import POOLS
from tests.oracle import Book, Result

REASONS = (
    "REPLACED", "CANCELLED", "NO_PRICE", "NO_TARIFF", "NO_DRG", "NOT_ELIGIBLE", "NOT_COVERED", "AFTER_DEATH",
    "ORDER_MISSING", "EXACT_DUPLICATE", "WARD_TRANSFER", "STAY_TOO_SHORT", "BUNDLED_IN_STAY", "REPEAT_VISIT",
    "POSITIVE_ALREADY", "REPEAT_TEST", "REHAB_SESSIONS", "TOO_FEW_SESSIONS", "ONCE_A_YEAR", "OVER_CAP",
    "OVER_YEAR_LIMIT", "MANUAL", "DRG_CORRECTED", "IGNORED_VALUE", "BILLED_ABOVE_TARIFF", "BILLED_BELOW_TARIFF",
    "OVERLAPPING_STAY", "VISIT_TOO_SHORT", "SUSPECT_DUPLICATE", "PAIRED_DIAGNOSIS_MISSING",
)  # fmt: skip
FAULT_CODES = (
    "MISSING_VALUE", "BAD_TYPE", "UNKNOWN_CARE_TYPE", "UNKNOWN_FACILITY", "BAD_ICD10", "BAD_PERIOD", "NEGATIVE_VALUE",
    "DATE_OUT_OF_RANGE", "UNKNOWN_MESSAGE", "DUPLICATE_CLAIM_ID", "MESSAGE_CYCLE", "MISSING_TARGET",
)  # fmt: skip


@dataclass
class Coverage:
    reasons: Counter = field(default_factory=Counter)
    fault_codes: Counter = field(default_factory=Counter)
    decisions: Counter = field(default_factory=Counter)
    on: Counter = field(default_factory=Counter)
    off: Counter = field(default_factory=Counter)
    changing: Counter = field(default_factory=Counter)
    """By rule: months of one person, facility and care type with claims on either side of a switch."""

    def add(self, result: Result, book: Book) -> None:
        self.reasons.update(reason for row in result.ledger for reason in row["reasons"])
        self.fault_codes.update(code for row in result.quarantine for code in row["error_codes"])
        self.decisions.update(row["decision"] for row in result.ledger)
        standing = [row for row in result.ledger if row["decision"] != "voided"]
        for rule in POOLS:
            groups = defaultdict(set)
            for row in standing:
                stay = book.is_stay(row["care_type"])
                is_on = book.on(rule, (row["end_at"] if stay else row["start_at"]).date())
                (self.on if is_on else self.off)[rule] += 1
                month = (row["start_at"].year, row["start_at"].month)
                groups[row["insured_id"], row["facility_id"], row["care_type"], month].add(is_on)
            self.changing[rule] += sum(len(switch) == 2 for switch in groups.values())
