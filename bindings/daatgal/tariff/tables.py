"""The tables of a tariff book: which columns each has, what they hold, and what a row's key is.

In: the cells of a line by column name. Out: a typed row. What one row can get wrong by itself is refused
here; what rows say of each other is for `refusals`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from daatgal.tariff import cells, rule_parameters
from daatgal.tariff.rows import (
    BaseRateRow,
    CareTypeRow,
    CopayRow,
    DrgMapRow,
    DrgRow,
    EligibilityRow,
    ExemptionRow,
    ItemRow,
    RuleRow,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Columns = Mapping[str, Callable[[str], object]]

PERIOD_COLUMNS: Final = {"valid_from": "valid_from_day", "valid_to": "valid_to_day"}
"""The two columns that are called otherwise in a row, where they hold days."""


class RowError(ValueError):
    """Cells that are right one by one and wrong together: what was found, and what was expected."""

    def __init__(self, found: str, expected: str) -> None:
        super().__init__(found, expected)
        self.found = found
        self.expected = expected


def _as_it_is(row: Any) -> Any:
    return row


class Table(NamedTuple):
    """A CSV table: its file, its row type, how each column is read, and the columns of its key."""

    file: str
    row: type[Any]
    columns: Columns
    key: tuple[str, ...]
    required: bool = False
    finish: Callable[[Any], Any] = _as_it_is
    """The row after a look at all its cells together, or a RowError."""


def _dated(columns: Columns) -> Columns:
    return {**columns, "valid_from": cells.first_day, "valid_to": cells.last_day, "source": cells.source}


def _exactly_one(one: object, other: object, names: str) -> None:
    if (one is None) == (other is None):
        raise RowError(("neither " if one is None else "both ") + names, "exactly one of the two")


def _priced_once(row: DrgRow) -> DrgRow:
    _exactly_one(row.weight_e4, row.total_mnt, "weight_e4 and total_mnt")
    return row


def _one_amount(row: CopayRow) -> CopayRow:
    _exactly_one(row.rate_bp, row.fixed_mnt, "rate_bp and fixed_mnt")
    return row


def _ranges_in_order(row: DrgMapRow) -> DrgMapRow:
    # Each bound is compared with the code cut to its length, so two bounds compare at the shorter's length.
    shorter = min(len(row.icd10_from), len(row.icd10_to))
    if row.icd10_from[:shorter] > row.icd10_to[:shorter]:
        raise RowError(f"the range {row.icd10_from}–{row.icd10_to}", "icd10_from not after icd10_to")
    if row.age_from is not None and row.age_to is not None and row.age_from > row.age_to:
        raise RowError(f"the ages {row.age_from}–{row.age_to}", "age_from not above age_to")
    return row


def _normalised_exemption(row: ExemptionRow) -> ExemptionRow:
    if row.kind != "icd10":
        return row
    try:
        return row._replace(value=cells.icd10_prefix(row.value))
    except cells.CellError as error:
        raise RowError(f"value = {row.value!r}", str(error)) from None


def _typed_rule(row: RuleRow) -> RuleRow:
    """The row with its value as the parameter's type; what this version lacks is refused by name."""
    parameter = rule_parameters.find(row.rule, row.parameter)
    if parameter is None:
        found = f"the unknown rule {row.rule!r}"
        if row.rule in rule_parameters.RULES:
            found = f"the unknown parameter {row.parameter!r} of {row.rule}"
        raise RowError(found, rule_parameters.expected(row.rule))
    try:
        return row._replace(value=parameter.parse(str(row.value)))
    except cells.CellError as error:
        raise RowError(f"{row.rule} {row.parameter} = {row.value!r}", str(error)) from None


CARE_TYPES: Final = Table(
    "care_types.csv",
    CareTypeRow,
    _dated(
        {
            "care_type": cells.own_code,
            "priced_by": cells.choice("drg", "item"),
            "stay": cells.truth,
            "bundled_in": cells.names,
            "name_mn": cells.text,
            "name_en": cells.text,
        }
    ),
    key=("care_type",),
    required=True,
)
BASE_RATES: Final = Table(
    "base_rates.csv",
    BaseRateRow,
    _dated(
        {
            "care_type": cells.filled,
            "level": cells.level,
            "ownership": cells.or_any(cells.ownership),
            "base_mnt": cells.mnt,
        }
    ),
    key=("care_type", "level", "ownership"),
)
DRGS: Final = Table(
    "drgs.csv",
    DrgRow,
    _dated(
        {
            "drg_code": cells.own_code,
            "care_type": cells.filled,
            "name_mn": cells.text,
            "name_en": cells.text,
            "weight_e4": cells.or_empty(cells.weight_e4),
            "total_mnt": cells.or_empty(cells.mnt),
        }
    ),
    key=("care_type", "drg_code"),
    finish=_priced_once,
)
DRG_MAP: Final = Table(
    "drg_map.csv",
    DrgMapRow,
    _dated(
        {
            "care_type": cells.filled,
            "icd10_from": cells.icd10_bound,
            "icd10_to": cells.icd10_bound,
            "procedure": cells.or_empty(cells.procedure_prefix),
            "paired_icd10": cells.or_empty(cells.icd10_prefix),
            "age_from": cells.or_empty(cells.age),
            "age_to": cells.or_empty(cells.age),
            "sex": cells.sex,
            "drg_code": cells.own_code,
            "priority": cells.priority,
        }
    ),
    # Rows may overlap in what they ask for, and lead to several groups: only the same row twice is too much.
    key=(
        "care_type",
        "icd10_from",
        "icd10_to",
        "procedure",
        "paired_icd10",
        "age_from",
        "age_to",
        "sex",
        "drg_code",
        "priority",
    ),
    finish=_ranges_in_order,
)
ITEMS: Final = Table(
    "items.csv",
    ItemRow,
    _dated(
        {
            "care_type": cells.filled,
            "service_code": cells.filled,
            "name_mn": cells.text,
            "name_en": cells.text,
            "unit_mnt": cells.or_empty(cells.mnt),
        }
    ),
    key=("care_type", "service_code"),
)
COPAY: Final = Table(
    "copay.csv",
    CopayRow,
    _dated(
        {
            "care_type": cells.filled,
            "level": cells.level,
            "drg_code": cells.or_any(cells.filled),
            "service_code": cells.or_any(cells.filled),
            "rate_bp": cells.or_empty(cells.rate_bp),
            "fixed_mnt": cells.or_empty(cells.mnt),
            "keeps_copay": cells.truth,
        }
    ),
    key=("care_type", "level", "drg_code", "service_code"),
    finish=_one_amount,
)
EXEMPTIONS: Final = Table(
    "exemptions.csv",
    ExemptionRow,
    _dated({"kind": cells.choice("category", "icd10"), "value": cells.filled}),
    key=("kind", "value"),
    finish=_normalised_exemption,
)
ELIGIBILITY: Final = Table(
    "eligibility.csv",
    EligibilityRow,
    _dated(
        {
            "facility_type": cells.own_code,
            "ownership": cells.ownership,
            "care_type": cells.filled,
            "needs_contract": cells.truth,
        }
    ),
    key=("facility_type", "ownership", "care_type"),
)
RULES: Final = Table(
    "rules.csv",
    RuleRow,
    _dated({"rule": cells.filled, "parameter": cells.filled, "value": cells.text}),
    key=("rule", "parameter"),
    finish=_typed_rule,
)

TABLES: Final = {
    "care_types": CARE_TYPES,
    "base_rates": BASE_RATES,
    "drgs": DRGS,
    "drg_map": DRG_MAP,
    "items": ITEMS,
    "copay": COPAY,
    "exemptions": EXEMPTIONS,
    "eligibility": ELIGIBILITY,
    "rules": RULES,
}
"""Every table by the field of TariffBook that holds its rows."""
