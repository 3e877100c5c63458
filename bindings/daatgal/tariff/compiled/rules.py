"""The rules of a book compiled: switches and parameters by epoch.

In: rules.csv and care_types.csv. Out: RULES records. A parameter without a row in an epoch
keeps a neutral value; the loader has made sure that an enabled rule has all of its own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from daatgal.tariff.compiled.drg_map import prefix_mask
from daatgal_engine.rules import BOUNDARY_DAYS, BOUNDARY_INNER_DAYS, BOUNDARY_TIME, RULES, VISITS, Rule

if TYPE_CHECKING:
    from collections.abc import Callable

    from daatgal.tariff.book import TariffBook
    from daatgal.tariff.compiled.epochs import Epochs
    from daatgal.tariff.rows import RuleRow, RuleValue
    from daatgal_engine.book import Records
    from daatgal_engine.columns import I32

HOUR_S, MINUTE_S = 3600, 60
_BOUNDARIES = {"days": BOUNDARY_DAYS, "inner_days": BOUNDARY_INNER_DAYS, "time": BOUNDARY_TIME}
_WHOLE_CODE = 2**64 - 1


class _Parameters:
    """The values of each parameter by epoch."""

    def __init__(self, book: TariffBook, epochs: Epochs) -> None:
        self.epochs = epochs
        self.care_types = {name: index for index, name in enumerate(book.care_type_names)}
        self.rows: dict[tuple[str, str], list[RuleRow]] = {}
        for row in book.rules:
            self.rows.setdefault((row.rule, row.parameter), []).append(row)

    def column(
        self, rule: Rule, parameter: str, neutral: int, read: Callable[[RuleValue], int], dtype: type
    ) -> np.ndarray:
        """One number per epoch."""
        values = np.full(len(self.epochs), neutral, dtype)
        for row in self.rows.get((rule.name, parameter), []):
            for epoch in self.epochs.of(row):
                values[epoch] = neutral if row.value is None else read(row.value)
        return values

    def number(self, rule: Rule, parameter: str, unit: int = 1) -> np.ndarray:
        """An int64 per epoch, in a smaller unit."""
        return self.column(rule, parameter, 0, lambda value: _whole(value) * unit, np.int64)

    def care_type_mask(self, rule: Rule, parameter: str = "care_types") -> np.ndarray:
        """A set of care types per epoch."""
        return self.column(
            rule,
            parameter,
            0,
            lambda value: sum(1 << self.care_types[name] for name in _names(value)),
            np.uint64,
        )

    def visit_rates(self) -> I32:
        """(e, VISITS): the last rate of a list is repeated to the end."""
        table = np.zeros((len(self.epochs), VISITS), np.int32)
        for row in self.rows.get((Rule.VISIT_COPAY.name, "rates_bp"), []):
            rates = [int(rate) for rate in row.value] if isinstance(row.value, tuple) else [0]
            for epoch in self.epochs.of(row):
                table[epoch] = (rates + [rates[-1]] * VISITS)[:VISITS]
        return table


def _whole(value: RuleValue) -> int:
    assert isinstance(value, int)
    return int(value)


def _names(value: RuleValue) -> tuple[str, ...]:
    return tuple(str(name) for name in value) if isinstance(value, tuple) else ()


def compile_rules(book: TariffBook, epochs: Epochs) -> Records:
    """RULES, one record per epoch."""
    parameters = _Parameters(book, epochs)
    care_types = parameters.care_types
    rules = np.zeros(len(epochs), RULES)
    for rule in Rule:
        rules["on"] |= parameters.column(rule, "enabled", 0, _whole, np.uint32) << np.uint32(rule)
    for row in book.care_types:
        for epoch in epochs.of(row):
            rules["bundled_in"][epoch, care_types[row.care_type]] = sum(
                1 << care_types[name] for name in row.bundled_in
            )
    rules["containers"] = np.bitwise_or.reduce(rules["bundled_in"], axis=None)
    for name in ("outpatient", "diagnostics", "rehabilitation", "traditional"):
        rules[name] = care_types.get(name, -1)
    number, mask = parameters.number, parameters.care_type_mask
    rules["coverage_exempt"] = mask(Rule.COVERAGE, "exempt_care_types")
    rules["order_care_types"] = mask(Rule.ORDER_REQUIRED)
    rules["transfer_gap_s"] = number(Rule.WARD_TRANSFER, "gap_hours", HOUR_S)
    rules["minimum_stay_s"] = number(Rule.MINIMUM_STAY, "hours", HOUR_S)
    rules["bundle_boundary"] = parameters.column(
        Rule.BUNDLED_IN_STAY, "boundary", BOUNDARY_DAYS, lambda value: _BOUNDARIES[str(value)], np.int8
    )
    rules["bundle_exempt_long"] = mask(Rule.BUNDLED_IN_STAY, "exempt_long")
    rules["repeat_visit_care_types"] = mask(Rule.REPEAT_VISIT)
    rules["repeat_visit_one_per_month"] = parameters.column(
        Rule.REPEAT_VISIT, "same_cabinet", 0, lambda value: int(value == "one_per_month"), np.uint8
    )
    rules["repeat_visit_icd10_mask"] = parameters.column(
        Rule.REPEAT_VISIT,
        "icd10_chars",
        _WHOLE_CODE,
        lambda value: prefix_mask("-" * min(_whole(value), 8)),
        np.uint64,
    )
    rules["repeat_test_care_types"] = mask(Rule.REPEAT_TEST)
    rules["rehab_sessions"] = number(Rule.REHAB_SESSIONS, "sessions")
    rules["once_a_year_care_types"] = mask(Rule.ONCE_A_YEAR)
    rules["cap_month_mnt"] = number(Rule.DIAGNOSTICS_CAP, "month_mnt")
    rules["cap_quarter_mnt"] = number(Rule.DIAGNOSTICS_CAP, "quarter_mnt")
    rules["visit_rate_bp"] = parameters.visit_rates()
    rules["year_limit_mnt"] = number(Rule.YEAR_LIMIT, "limit_mnt")
    rules["visit_minimum_s"] = number(Rule.VISIT_TOO_SHORT, "minutes", MINUTE_S)
    rules["paired_care_types"] = mask(Rule.PAIRED_DIAGNOSIS_MISSING)
    return rules
