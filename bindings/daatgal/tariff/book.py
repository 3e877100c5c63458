"""The tariff book: everything a price or a rule needs to know, in memory, read-only.

In: the typed rows of the loader. Out: one frozen object that the compiler turns into arrays.
Rows keep the order of their files, so that a row's `line` leads back to the spreadsheet.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

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


@dataclass(frozen=True)
class TariffBook:
    """A tariff book that the strict loader has accepted.

    `sha256` is over the names and bytes of the files the book consists of, in name order.
    """

    path: Path
    name: str
    title: str
    jurisdiction: str
    currency: str
    timezone: str
    source: str
    synthetic: bool
    sha256: str
    care_types: tuple[CareTypeRow, ...]
    base_rates: tuple[BaseRateRow, ...]
    drgs: tuple[DrgRow, ...]
    drg_map: tuple[DrgMapRow, ...]
    items: tuple[ItemRow, ...]
    copay: tuple[CopayRow, ...]
    exemptions: tuple[ExemptionRow, ...]
    eligibility: tuple[EligibilityRow, ...]
    rules: tuple[RuleRow, ...]

    @cached_property
    def care_type_names(self) -> tuple[str, ...]:
        """Every care type once, in the order of care_types.csv."""
        return tuple(dict.fromkeys(row.care_type for row in self.care_types))

    @cached_property
    def drg_codes(self) -> tuple[str, ...]:
        """Every DRG code of drgs.csv once, sorted by UTF-8 bytes: the order that breaks ties."""
        return _sorted_utf8({row.drg_code for row in self.drgs})

    @cached_property
    def exemption_categories(self) -> tuple[str, ...]:
        """Every exempt category once, sorted by UTF-8 bytes."""
        return _sorted_utf8({row.value for row in self.exemptions if row.kind == "category"})

    @cached_property
    def service_codes(self) -> tuple[str, ...]:
        """Every service code that items, copay or rules name, sorted by UTF-8 bytes; without `*`."""
        named = {row.service_code for row in self.items if row.service_code != "*"}
        named |= {row.service_code for row in self.copay if row.service_code is not None}
        for row in self.rules:
            if row.parameter == "service_codes" and isinstance(row.value, tuple):
                named |= {str(code) for code in row.value}
        return _sorted_utf8(named)

    @cached_property
    def is_stay(self) -> dict[str, bool]:
        """Whether a care type is a stay; the loader has made sure that it never changes."""
        return {row.care_type: row.stay for row in self.care_types}


def _sorted_utf8(texts: set[str]) -> tuple[str, ...]:
    # Code points sort as their UTF-8 bytes do: Python's order of strings is the one asked for.
    return tuple(sorted(texts))
