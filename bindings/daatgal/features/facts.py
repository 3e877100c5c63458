"""What features read of a claim, whether it comes from a night or from the state of the history.

In: a `JudgedNight`, or a `state` table (nights/keep.py). Out: `Facts`: the same columns of both, with codes for what
repeats and the texts that the codes stand for, so that other batches and saved aggregates can be asked.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from daatgal.decode.arrays import frozen, in_threads, pieces_of, row_ranges, values_of
from daatgal.decode.text import read_coded_column
from daatgal.errors import InputError
from daatgal.ledger import DECISIONS
from daatgal.nights.keep import OUTCOME
from daatgal_engine.columns import rows_between
from daatgal_engine.features.keys import NO_KEY, GroupColumns, group_keys, number_keys
from daatgal_engine.features.places import find_periods
from daatgal_engine.reasons import Decision
from daatgal_engine.strings import recode

if TYPE_CHECKING:
    from daatgal.decode import Decoded
    from daatgal.facilities import Facilities
    from daatgal.settlement import Settled
    from daatgal.tariff.book import TariffBook
    from daatgal_engine.columns import I8, I32, I64, U8, U32, U64, Ids

NOWHERE: Final = ""
"""The region of a facility that names none, or of which no row is in force."""
_KINDS: Final = ("drg", "service", "other")
_FAMILIES: Final = ("specialty", "icd10")


class Texts(NamedTuple):
    """Codes and what they stand for."""

    codes: I32
    """n; -1: null"""
    values: pa.Array
    """string"""


@dataclass(frozen=True)
class JudgedNight:
    """What a night knows of its claims after settling: the new ones first, then the earlier ones of the same people."""

    decoded: Decoded
    settled: Settled
    facilities: Facilities
    book: TariffBook
    earlier: pa.Table | None = None
    """the recalled `state` rows, as `decode` was given them: what of them stood before this night"""


@dataclass(frozen=True)
class Facts:
    """`n` claims."""

    ids: Ids
    """of the insured"""
    new: U8
    """1: a claim of this night"""
    stood: U8
    """1: the claim stood already when the night began, so that the history counts it"""
    standing: U8
    """1: not voided"""
    decision: I8
    start_s: I64
    end_s: I64
    billed_mnt: I64
    """NO_MNT: null"""
    gross_mnt: I64
    deducted_mnt: I64
    quantity: I32
    case: I64
    """the row of the case's first claim"""
    facility: Texts
    department: Texts
    practitioner: Texts
    care_type: Texts
    group: Texts
    """the DRG, or the service, within its care type: `inpatient/drg/041`; -1: voided"""
    family: Texts
    """care type and specialty, or letter of the ICD-10 code, of claims with a DRG; -1: others"""
    region: Texts
    level: I8
    """of the facility on the day of the end; 0: none is in force"""
    is_drg: U8
    is_service: U8
    """1: without a DRG, names a service: a test or other item"""
    is_stay: U8
    icd10: U64
    procedure_offset: I64
    procedure: U32
    sex: I8
    birth_day: I32

    @property
    def rows(self) -> int:
        """n."""
        return self.start_s.size


def facts_of_night(night: JudgedNight) -> Facts:
    """The facts of a night's claims, new and recalled.

    Raises InputError where the night recalled earlier claims and `earlier` does not say what of them stood before.
    """
    columns, claims, table = night.decoded.columns, night.settled.claims, night.decoded.table
    new = (night.decoded.rows >= 0).view(np.uint8)
    stood = np.zeros(new.size, np.uint8)
    recalled = np.flatnonzero(new == 0)
    given = 0 if night.earlier is None else night.earlier.num_rows
    if recalled.size != given:
        raise InputError(
            f"features: {recalled.size} earlier claims were judged again, found the state of {given}; expected "
            "`earlier` to be the rows that decode was given"
        )
    if night.earlier is not None and recalled.size:
        stood[recalled] = decisions_of(night.earlier) != Decision.VOIDED
    names = night.decoded.dictionaries
    practitioner = read_coded_column(pieces_of(table["practitioner_id"], 0), new.size)
    return complete(
        Given(
            ids=columns.insured,
            new=new,
            stood=stood,
            decision=frozen(np.ascontiguousarray(claims.decision)),
            start_s=columns.start_s,
            end_s=columns.end_s,
            billed_mnt=columns.billed_mnt,
            gross_mnt=frozen(np.ascontiguousarray(claims.gross_mnt)),
            deducted_mnt=frozen(np.ascontiguousarray(claims.deducted_mnt)),
            quantity=columns.quantity,
            case=frozen(np.ascontiguousarray(claims.case)),
            facility=Texts(columns.facility, night.facilities.ids),
            department=Texts(columns.department, names["department"]),
            specialty=Texts(columns.specialty, names["specialty"]),
            practitioner=Texts(practitioner.codes, practitioner.values),
            care_type=Texts(
                frozen(columns.care_type.astype(np.int32)), pa.array(night.book.care_type_names, pa.string())
            ),
            drg=Texts(frozen(np.ascontiguousarray(claims.drg)), pa.array(night.book.drg_codes, pa.string())),
            service=Texts(columns.service, names["service"]),
            icd10=columns.icd10,
            procedure_offset=columns.procedure_offset,
            procedure=columns.procedure,
            sex=columns.sex,
            birth_day=columns.birth_day,
        ),
        night.facilities,
        night.book,
    )


class Given(NamedTuple):
    """What both sources say; the rest follows from it."""

    ids: Ids
    new: U8
    stood: U8
    decision: I8
    start_s: I64
    end_s: I64
    billed_mnt: I64
    gross_mnt: I64
    deducted_mnt: I64
    quantity: I32
    case: I64
    facility: Texts
    department: Texts
    specialty: Texts
    practitioner: Texts
    care_type: Texts
    drg: Texts
    service: Texts
    icd10: U64
    procedure_offset: I64
    procedure: U32
    sex: I8
    birth_day: I32


def complete(given: Given, facilities: Facilities, book: TariffBook | None) -> Facts:
    """Add what follows from what is given: groups, families, regions, levels."""
    standing = (given.decision != Decision.VOIDED).astype(np.uint8)
    drg, service = given.drg.codes >= 0, given.service.codes >= 0
    of_period = np.append(facilities.columns.level, np.int8(0))
    period = np.empty(standing.size, np.int32)
    find_periods(facilities.columns, given.facility.codes, given.end_s, period)
    regions = facilities.aimag.fill_null(NOWHERE)
    regions = pa.concat_arrays([regions, pa.array([NOWHERE], pa.string())]).dictionary_encode()
    is_stay = np.zeros(len(given.care_type.values) + 1, np.uint8)
    if book is not None:
        is_stay[:-1] = [book.is_stay.get(name, False) for name in given.care_type.values.to_pylist()]
    kept = {
        name: getattr(given, name) for name in Given._fields if name not in ("drg", "service", "specialty")
    }
    group, family = _groups_and_families(given, frozen(standing))
    return Facts(
        **kept,
        standing=frozen(standing),
        group=group,
        family=family,
        region=Texts(frozen(regions.indices.to_numpy()[period]), regions.dictionary),
        level=frozen(of_period[period]),
        is_drg=frozen((drg & (standing != 0)).view(np.uint8)),
        is_service=frozen((~drg & service & (standing != 0)).view(np.uint8)),
        is_stay=frozen(is_stay[given.care_type.codes]),
    )


def numbered(keys: U64) -> tuple[I32, U64]:
    """The number of each row's key by first appearance, and the distinct keys."""
    numbers = np.empty(keys.size, np.int32)
    return numbers, number_keys(frozen(keys), numbers)


def _groups_and_families(given: Given, standing: U8) -> tuple[Texts, Texts]:
    groups, families = np.empty(standing.size, np.uint64), np.empty(standing.size, np.uint64)
    columns = GroupColumns(
        standing=standing,
        care_type=given.care_type.codes,
        drg=given.drg.codes,
        service=given.service.codes,
        specialty=given.specialty.codes,
        icd10=given.icd10,
    )

    def pack(rows: tuple[int, int]) -> None:
        own = slice(*rows)
        group_keys(rows_between(columns, *rows), groups[own], families[own])

    in_threads(pack, row_ranges(standing.size))
    names = {
        "drg": given.drg.values,
        "service": given.service.values,
        "other": pa.array([NOWHERE]),
        "specialty": given.specialty.values,
        "icd10": pa.array([chr(code) for code in range(128)]),
    }

    def label(task: tuple[U64, tuple[str, ...]]) -> Texts:
        keys, kinds = task
        codes, distinct = numbered(keys)
        care, labels = given.care_type.values.to_pylist(), list[str | None]()
        for key in distinct.tolist():
            kind = None if key == int(NO_KEY) else kinds[key >> 32 & 0xFFFF]
            known = kind and f"{care[key >> 48]}/{kind}/{names[kind][key & 0xFFFFFFFF].as_py()}"
            labels.append(known)
        return _without_null(codes, pa.array(labels, pa.string()))

    group, family = in_threads(label, [(groups, _KINDS), (families, _FAMILIES)])
    return group, family


def _without_null(codes: I32, values: pa.Array) -> Texts:
    """Give the rows whose text is null the code -1; the other codes move up."""
    if values.null_count == 0:
        return Texts(frozen(codes), values)
    null = values.is_null().index(pa.scalar(True)).as_py()
    moved = np.arange(len(values), dtype=np.int32)
    moved[null], moved[null + 1 :] = -1, moved[null + 1 :] - 1
    recode(codes, frozen(moved))
    return Texts(frozen(codes), values.drop_null())


def without_standing_before(facts: Facts) -> Facts:
    """The same claims, none of which the history counts yet."""
    return replace(facts, stood=frozen(np.zeros(facts.rows, np.uint8)))


def decisions_of(state: pa.Table) -> I8:
    """The decision of each row of a `state` table, as the engine numbers them."""
    decisions = pc.index_in(
        state[OUTCOME + "decision"].cast(pa.string()), value_set=pa.array(DECISIONS)
    ).combine_chunks()
    return frozen(values_of(decisions, np.int32).astype(np.int8))
