"""Claims judged: decode → messages → price → settle, a new batch together with the earlier claims of its people.

In: claims, the registers that they are read with, what the history says of their people. Out: `Judged`, what the
ledger, the features and the scores are made from. Source: rules.md.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from daatgal.decode import decode
from daatgal.facilities import load_facilities
from daatgal.features import JudgedNight
from daatgal.insured import load_insured
from daatgal.nights.decisions import decisions_in_force, overridden
from daatgal.nights.people import register_of
from daatgal.settlement import settle_claims
from daatgal.tariff import load_tariff
from daatgal.tariff.book import TariffBook

if TYPE_CHECKING:
    from pathlib import Path

    import pyarrow as pa

    from daatgal.facilities import Facilities
    from daatgal.insured import Insured
    from daatgal.nights.decisions import Decided
    from daatgal.nights.people import Concerned
    from daatgal.nights.recall import Recalled
    from daatgal.sources import Source
    from daatgal.stages import Stages


class Registers(NamedTuple):
    """The tables beside the claims."""

    book: TariffBook
    facilities: Facilities
    insured: Insured | None


class Judged(NamedTuple):
    """Claims with their outcomes: the new ones in input order, then the earlier ones."""

    night: JudgedNight
    manual: pa.Table
    """per claim, the latest manual decision"""


def load_registers(facilities: Source, tariff: TariffBook | str | Path, insured: Source | None) -> Registers:
    """Read the tables beside the claims. Raises InputError, TariffError."""
    book = tariff if isinstance(tariff, TariffBook) else load_tariff(tariff)
    return Registers(
        book, load_facilities(facilities, book), None if insured is None else load_insured(insured)
    )


def registers_for(registers: Registers, people: Concerned | None) -> Registers:
    """The registers without the insured whom a night with a history does not concern."""
    if people is None or registers.insured is None:
        return registers
    return registers._replace(insured=register_of(registers.insured, people))


def judge(
    claims: pa.Table, registers: Registers, recalled: Recalled, decided: Decided | None, stage: Stages
) -> Judged:
    """Judge `claims` together with the earlier claims of the same people, which `recalled` then has as decode does."""
    book, facilities, insured = registers
    with stage("decoding"):
        decoded = decode(
            claims,
            book=book,
            facilities=facilities,
            insured=insured,
            earlier=recalled.state,
            held_ids=recalled.held_ids,
        )
        recalled.share(decoded)
    with stage("settling"):
        claim_ids = decoded.table["claim_id"]
        manual = decisions_in_force(claim_ids, recalled.state, decided)
        settled = overridden(settle_claims(decoded, facilities, book), manual, claim_ids)
    return Judged(JudgedNight(decoded, settled, facilities, book, recalled.state), manual)
