"""What `daatgal tariff check` warns of in a book that the loader accepts.

In: a book and, if there are any, claims. Out: findings by file and line. None of them stops a book from paying; each
is a row that does not do what whoever wrote it may have meant.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from daatgal.tariff.claims_grouped import group_claims
from daatgal.tariff.periods import of, overlap
from daatgal.tariff.reach import can_be_chosen, rivals_of
from daatgal.tariff.tables import COPAY, DRG_MAP

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pyarrow as pa

    from daatgal.tariff.book import TariffBook
    from daatgal.tariff.periods import Period
    from daatgal.tariff.rows import DrgMapRow


class Kind(StrEnum):
    """What a finding is about."""

    NEVER_CHOSEN = "never chosen"
    """No claim can be led by the row: another row to the same group always comes first, or it is never in force."""
    ONLY_IF_CLAIMED = "chosen only if claimed"
    """Rows to other groups always come first: it is chosen only where the facility claims its group."""
    NOT_CHOSEN_BY_CLAIMS = "not chosen by these claims"
    """A row that could have been chosen and was not, by any of the claims given."""
    UNKNOWN_DRG = "unknown group"
    """A copay row for a group that has no price in its care type."""


class Finding(NamedTuple):
    """A warning: its kind, where it is, and what it says in words."""

    kind: Kind
    file: str
    line: int
    message: str

    def __str__(self) -> str:
        return f"{self.file} line {self.line}: {self.kind}: {self.message}"


@dataclass(frozen=True)
class Findings:
    """All warnings of one check, and what the claims came to: None where none were given."""

    warnings: tuple[Finding, ...]
    claims: int | None = None
    """Claims that are priced by group."""
    claims_without_group: int | None = None


def check_book(book: TariffBook, claims: pa.Table | None = None) -> Findings:
    """Look for map rows that can never be chosen and, given claims, for rows that none of them chose.

    Args:
        book: as the loader returns it.
        claims: in the contract's columns; those that grouping does not look at may be missing.
    """
    unreachable = list(_unreachable(book))
    warnings = [*unreachable, *_unknown_groups(book)]
    if claims is None:
        return Findings(_ordered(warnings))
    grouped = group_claims(book, claims)
    never = {finding.line for finding in unreachable if finding.kind is Kind.NEVER_CHOSEN}
    for row in book.drg_map:
        if row.line not in grouped.chosen and row.line not in never:
            message = f"{_shown(row)} was chosen by none of {grouped.claims} claims"
            warnings.append(Finding(Kind.NOT_CHOSEN_BY_CLAIMS, DRG_MAP.file, row.line, message))
    return Findings(_ordered(warnings), grouped.claims, grouped.without_group)


def _unreachable(book: TariffBook) -> Iterator[Finding]:
    rows: defaultdict[str, list[DrgMapRow]] = defaultdict(list)
    lives: defaultdict[str, list[Period]] = defaultdict(list)
    for row in book.drg_map:
        rows[row.care_type].append(row)
    for care_type in book.care_types:
        if care_type.priced_by == "drg":
            lives[care_type.care_type].append(of(care_type))
    for row in book.drg_map:
        life = lives[row.care_type]
        if not any(overlap(of(row), period) for period in life):
            message = f"{_shown(row)} is in force on no day on which {row.care_type} is priced by group"
            yield Finding(Kind.NEVER_CHOSEN, DRG_MAP.file, row.line, message)
            continue
        rivals = rivals_of(row, rows[row.care_type])
        if can_be_chosen(row, rivals, life):
            continue
        same_group = [rival for rival in rivals if rival.drg_code == row.drg_code]
        kind = Kind.ONLY_IF_CLAIMED if can_be_chosen(row, same_group, life) else Kind.NEVER_CHOSEN
        message = f"wherever {_shown(row)} fits, {_lines(rivals)} comes before it"
        yield Finding(kind, DRG_MAP.file, row.line, message)


def _unknown_groups(book: TariffBook) -> Iterator[Finding]:
    priced = {(row.care_type, row.drg_code) for row in book.drgs}
    for row in book.copay:
        if row.drg_code is not None and (row.care_type, row.drg_code) not in priced:
            message = f"{row.care_type} has no group {row.drg_code!r}, so nobody owes this copayment"
            yield Finding(Kind.UNKNOWN_DRG, COPAY.file, row.line, message)


def _ordered(warnings: list[Finding]) -> tuple[Finding, ...]:
    return tuple(sorted(warnings, key=lambda finding: (finding.file, finding.line, finding.kind)))


def _shown(row: DrgMapRow) -> str:
    return f"{row.care_type} {row.icd10_from}–{row.icd10_to} → {row.drg_code}"


def _lines(rows: list[DrgMapRow]) -> str:
    shown = sorted(row.line for row in rows)
    if len(shown) == 1:
        return f"line {shown[0]}"
    named = ", ".join(str(line) for line in shown[:5])
    return f"one of the lines {named}" + (" …" if len(shown) > 5 else "")
