"""The rules that this version has, and the parameters of each with their types.

In: the text of a rules.csv value. Out: its typed value. A further rule is one entry here; `enabled` belongs
to every rule and is not repeated. Source: the phases of the payment procedure, clause by clause.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from daatgal.tariff import cells

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from daatgal.tariff.rows import RuleValue

ENABLED: Final = "enabled"
_MOST: Final = 2**31 - 1


class Parameter(NamedTuple):
    """How a parameter's value is read, and what its absence means."""

    parse: Callable[[str], RuleValue]
    may_be_absent: bool = False
    """Empty or without a row: no care types or service codes, or the whole diagnosis code."""
    care_types: bool = False
    """The value lists care types, and the book must have them."""


def _rates(cell: str) -> tuple[int, ...]:
    expected = "rates in basis points separated by |, such as 0|3000|5000"
    parts = [part.strip() for part in cell.split("|")]
    try:
        return tuple(cells.rate_bp(part) for part in parts)
    except cells.CellError:
        raise cells.CellError(expected) from None


_CARE_TYPES: Final = Parameter(cells.names, may_be_absent=True, care_types=True)
_SERVICE_CODES: Final = Parameter(cells.names, may_be_absent=True)
_ENABLED: Final = Parameter(cells.truth)


def _count(what: str, low: int = 0) -> Parameter:
    return Parameter(cells.integer(low, _MOST, what))


RULES: Final[Mapping[str, Mapping[str, Parameter]]] = {
    "ELIGIBILITY": {},
    "COVERAGE": {"exempt_care_types": _CARE_TYPES},
    "ORDER_REQUIRED": {"care_types": _CARE_TYPES, "service_codes": _SERVICE_CODES},
    "EXACT_DUPLICATE": {},
    "WARD_TRANSFER": {"gap_hours": _count("hours")},
    "MINIMUM_STAY": {"hours": _count("hours")},
    "BUNDLED_IN_STAY": {
        "boundary": Parameter(cells.choice("days", "inner_days", "time")),
        "exempt_long": _CARE_TYPES,
    },
    "REPEAT_VISIT": {
        "care_types": _CARE_TYPES,
        "same_cabinet": Parameter(cells.choice("each_visit", "one_per_month")),
        "icd10_chars": Parameter(
            cells.or_empty(cells.integer(1, _MOST, "how many characters of the diagnosis count")),
            may_be_absent=True,
        ),
    },
    "POSITIVE_ALREADY": {"service_codes": _SERVICE_CODES},
    "REPEAT_TEST": {"care_types": _CARE_TYPES},
    "REHAB_SESSIONS": {"sessions": _count("sessions")},
    "ONCE_A_YEAR": {"care_types": _CARE_TYPES},
    "DIAGNOSTICS_CAP": {"month_mnt": Parameter(cells.mnt), "quarter_mnt": Parameter(cells.mnt)},
    "VISIT_COPAY": {"rates_bp": Parameter(_rates)},
    "YEAR_LIMIT": {"limit_mnt": Parameter(cells.mnt)},
    "OVERLAPPING_STAY": {},
    "VISIT_TOO_SHORT": {"minutes": _count("minutes")},
    "SUSPECT_DUPLICATE": {},
    "PAIRED_DIAGNOSIS_MISSING": {"care_types": _CARE_TYPES},
}
"""Every rule of this version in the order of its phase, with its parameters besides `enabled`."""


def find(rule: str, parameter: str) -> Parameter | None:
    """The parameter of a rule, or None if this version has no such parameter or no such rule."""
    if rule not in RULES:
        return None
    return _ENABLED if parameter == ENABLED else RULES[rule].get(parameter)


def expected(rule: str) -> str:
    """What was expected instead of an unknown rule, or of an unknown parameter of a known rule."""
    if rule not in RULES:
        return "a rule that this version has: " + ", ".join(RULES)
    return f"a parameter of {rule}: " + ", ".join((ENABLED, *RULES[rule]))
