"""One typed row of each table of a tariff book, as the loader hands it on.

In: the cells of a checked line of a CSV file. Out: a row whose empty or `*` cells are None,
whose codes are normalised and whose period is two whole days. Every row ends with the same four fields:
`valid_from_day` and `valid_to_day` (days since 1970-01-01, both included; OPEN_FROM_DAY and OPEN_TO_DAY
where the cell was empty), `source` as it was written, and `line` (1-based, in its file).
"""

from __future__ import annotations

from typing import Final, NamedTuple

OPEN_FROM_DAY: Final = -(2**31)
OPEN_TO_DAY: Final = 2**31 - 1

ANY: Final = "*"
"""What a cell holds that matches whatever a claim brings; in rows it is None, save in items."""

RuleValue = bool | int | str | tuple[str, ...] | tuple[int, ...] | None
"""A rule's parameter, typed by `rule_parameters`; None where it may be empty and is (icd10_chars)."""


class CareTypeRow(NamedTuple):
    """A care type: how it is priced, whether it is a stay, what bundles it (care_types.csv)."""

    care_type: str
    priced_by: str  # "drg" or "item"
    stay: bool
    bundled_in: tuple[str, ...]
    name_mn: str
    name_en: str
    valid_from_day: int
    valid_to_day: int
    source: str
    line: int


class BaseRateRow(NamedTuple):
    """MNT for a cost weight of 1 (base_rates.csv)."""

    care_type: str
    level: int | None
    ownership: str | None
    base_mnt: int
    valid_from_day: int
    valid_to_day: int
    source: str
    line: int


class DrgRow(NamedTuple):
    """A group's price within a care type: a cost weight or a fixed total, never both (drgs.csv)."""

    drg_code: str
    care_type: str
    name_mn: str
    name_en: str
    weight_e4: int | None
    total_mnt: int | None
    valid_from_day: int
    valid_to_day: int
    source: str
    line: int


class DrgMapRow(NamedTuple):
    """A condition on a claim and the group it leads to (drg_map.csv); None asks for nothing."""

    care_type: str
    icd10_from: str
    icd10_to: str
    procedure: str | None
    paired_icd10: str | None
    age_from: int | None
    age_to: int | None
    sex: str | None
    drg_code: str
    priority: int
    valid_from_day: int
    valid_to_day: int
    source: str
    line: int


class ItemRow(NamedTuple):
    """A unit price; `*` is any other service code, none too; no price means as billed (items.csv)."""

    care_type: str
    service_code: str
    name_mn: str
    name_en: str
    unit_mnt: int | None
    valid_from_day: int
    valid_to_day: int
    source: str
    line: int


class CopayRow(NamedTuple):
    """The insured's part, a rate or a fixed amount, and whether the exempt owe it too (copay.csv)."""

    care_type: str
    level: int | None
    drg_code: str | None
    service_code: str | None
    rate_bp: int | None
    fixed_mnt: int | None
    keeps_copay: bool
    valid_from_day: int
    valid_to_day: int
    source: str
    line: int


class ExemptionRow(NamedTuple):
    """Who owes no copayment: a category of insured, or an ICD-10 prefix (exemptions.csv)."""

    kind: str  # "category" or "icd10"
    value: str
    valid_from_day: int
    valid_to_day: int
    source: str
    line: int


class EligibilityRow(NamedTuple):
    """Which facilities may provide a care type, and whether only by contract (eligibility.csv)."""

    facility_type: str
    ownership: str
    care_type: str
    needs_contract: bool
    valid_from_day: int
    valid_to_day: int
    source: str
    line: int


class RuleRow(NamedTuple):
    """One parameter of one rule over one period (rules.csv)."""

    rule: str
    parameter: str
    value: RuleValue
    valid_from_day: int
    valid_to_day: int
    source: str
    line: int
