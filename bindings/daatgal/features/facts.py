"""What features read of a claim, whether it comes from a night or from the state of the history.

In: a `JudgedNight`, or a `state` table (nights/keep.py). Out: `Facts`: the same columns of both, with codes for what
repeats and the texts that the codes stand for, so that other batches and saved aggregates can be asked.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from daatgal.decode.arrays import frozen, in_threads, pieces_of, row_ranges, values_of
from daatgal.decode.text import read_coded_column
from daatgal.errors import InputError
from daatgal.features.groups import groups_and_families
from daatgal.features.texts import Texts
from daatgal.ledger import DECISIONS
from daatgal.nights.keep import OUTCOME
from daatgal_engine.columns import rows_between
from daatgal_engine.features.combinations import Places
from daatgal_engine.features.facts import (
    Claimed,
    Described,
    Outcomes,
    Surroundings,
    describe_claims,
    read_outcomes,
)
from daatgal_engine.reasons import Decision

if TYPE_CHECKING:
    from daatgal.decode import Decoded
    from daatgal.facilities import Facilities
    from daatgal.settlement import Settled
    from daatgal.tariff.book import TariffBook
    from daatgal_engine.book import Records
    from daatgal_engine.columns import I8, I32, I64, U8, U32, U64, Ids

NOWHERE: Final = ""
"""The region of a facility that names none, or of which no row is in force."""


@dataclass(frozen=True)
class JudgedNight:
    """What a night knows of its claims after settling: the new ones first, then the earlier ones of the same people."""

    decoded: Decoded
    settled: Settled
    facilities: Facilities
    book: TariffBook
    earlier: pa.Table | None = None
    """the recalled `state` rows, as `decode` was given them: what of them stood before this night"""

    @property
    def new(self) -> U8:
        """n; 1: a claim of this night."""
        return frozen((self.decoded.rows >= 0).view(np.uint8))

    @cached_property
    def stood(self) -> U8:
        """n; 1: the claim stood already when the night began, so that the history counts it.

        Raises InputError where the night recalled earlier claims and `earlier` does not say what of them stood before.
        """
        recalled = np.flatnonzero(self.decoded.rows < 0)
        given = 0 if self.earlier is None else self.earlier.num_rows
        if recalled.size != given:
            raise InputError(
                f"features: {recalled.size} earlier claims were judged again, found the state of {given}; expected "
                "`earlier` to be the rows that decode was given"
            )
        stood = np.zeros(self.decoded.rows.size, np.uint8)
        if self.earlier is not None and recalled.size:
            stood[recalled] = decisions_of(self.earlier) != Decision.VOIDED
        return frozen(stood)

    @cached_property
    def practitioner(self) -> Texts:
        """Who treated the insured: decode carries it on as text."""
        pieces = pieces_of(self.decoded.table["practitioner_id"], 0)
        coded = read_coded_column(pieces, self.decoded.rows.size)
        return Texts(coded.codes, coded.values)

    @property
    def facility(self) -> Texts:
        """By their place in the table of facilities."""
        return Texts(self.decoded.columns.facility, self.facilities.ids)

    @property
    def department(self) -> Texts:
        """Cabinets and wards."""
        return Texts(self.decoded.columns.department, self.decoded.dictionaries["department"])


@dataclass(frozen=True)
class Given:
    """What is said of `n` claims; the rest follows from it."""

    ids: Ids
    """of the insured"""
    new: U8
    """1: a claim of this night"""
    stood: U8
    """1: the claim stood already when the night began, so that the history counts it"""
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


@dataclass(frozen=True)
class Facts(Given):
    """`n` claims, and what follows from what is said of them."""

    standing: U8
    """1: not voided"""
    group: Texts
    """the DRG, or the service, within its care type: `inpatient/drg/041`; -1: voided"""
    care_type_of_group: I32
    """g: by code of the group"""
    family: Texts
    """care type and specialty, or letter of the ICD-10 code, of claims with a DRG; -1: others"""
    region: Texts
    level: I8
    """of the facility on the day of the end; 0: none is in force"""
    is_service: U8
    """1: without a DRG, names a service: a test or other item"""
    is_stay: U8

    @property
    def rows(self) -> int:
        """n."""
        return self.start_s.size

    @property
    def places(self) -> Places:
        """Where each claim belongs, as kernels read it."""
        return Places(self.facility.codes, self.group.codes, self.family.codes, self.region.codes, self.level)


def facts_of_night(night: JudgedNight) -> Facts:
    """The facts of a night's claims, new and recalled.

    Raises InputError where the night recalled earlier claims and `earlier` does not say what of them stood before.
    """
    columns, names = night.decoded.columns, night.decoded.dictionaries
    with ThreadPoolExecutor(1) as pool:
        doctors = pool.submit(lambda: night.practitioner)
        outcomes = _outcomes(night.settled.claims)
        practitioner = doctors.result()
    return complete(
        Given(
            ids=columns.insured,
            new=night.new,
            stood=night.stood,
            decision=frozen(outcomes.decision),
            start_s=columns.start_s,
            end_s=columns.end_s,
            billed_mnt=columns.billed_mnt,
            gross_mnt=frozen(outcomes.gross_mnt),
            deducted_mnt=frozen(outcomes.deducted_mnt),
            quantity=columns.quantity,
            case=frozen(outcomes.case),
            facility=night.facility,
            department=night.department,
            specialty=Texts(columns.specialty, names["specialty"]),
            practitioner=practitioner,
            care_type=Texts(
                frozen(columns.care_type.astype(np.int32)), pa.array(night.book.care_type_names, pa.string())
            ),
            drg=Texts(frozen(outcomes.drg), pa.array(night.book.drg_codes, pa.string())),
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


def _outcomes(claims: Records) -> Outcomes:
    """What settling said, as columns."""
    rows = claims.size
    out = Outcomes(
        decision=np.empty(rows, np.int8),
        gross_mnt=np.empty(rows, np.int64),
        deducted_mnt=np.empty(rows, np.int64),
        case=np.empty(rows, np.int64),
        drg=np.empty(rows, np.int32),
    )
    in_threads(lambda part: read_outcomes(claims[slice(*part)], rows_between(out, *part)), row_ranges(rows))
    return out


def complete(given: Given, facilities: Facilities, book: TariffBook | None) -> Facts:
    """Add what follows from what is given: groups, families, regions, levels."""
    regions = facilities.aimag.fill_null(NOWHERE)
    regions = pa.concat_arrays([regions, pa.array([NOWHERE], pa.string())]).dictionary_encode()
    stays = [
        book is not None and book.is_stay.get(name, False) for name in given.care_type.values.to_pylist()
    ]
    around = Surroundings(
        offset=frozen(facilities.columns.offset),
        valid_from_day=frozen(facilities.columns.valid_from_day),
        valid_to_day=frozen(facilities.columns.valid_to_day),
        level=frozen(np.append(facilities.columns.level, np.int8(0))),
        region=frozen(regions.indices.to_numpy()),
        stay=frozen(np.array([*stays, False], np.uint8)),
    )
    claims = Claimed(
        given.decision,
        given.end_s,
        given.facility.codes,
        given.care_type.codes,
        given.drg.codes,
        given.service.codes,
    )
    size = given.start_s.size
    out = Described(
        standing=np.empty(size, np.uint8),
        is_service=np.empty(size, np.uint8),
        is_stay=np.empty(size, np.uint8),
        level=np.empty(size, np.int8),
        region=np.empty(size, np.int32),
    )

    def describe(rows: tuple[int, int]) -> None:
        describe_claims(rows_between(claims, *rows), around, rows_between(out, *rows))

    in_threads(describe, row_ranges(size))
    standing = frozen(out.standing)
    group, family = groups_and_families(given, standing)
    return Facts(
        **vars(given),
        standing=standing,
        group=group.texts,
        care_type_of_group=group.care_type,
        family=family.texts,
        region=Texts(frozen(out.region), regions.dictionary),
        level=frozen(out.level),
        is_service=frozen(out.is_service),
        is_stay=frozen(out.is_stay),
    )


def decisions_of(state: pa.Table) -> I8:
    """The decision of each row of a `state` table, as the engine numbers them."""
    decisions = pc.index_in(
        state[OUTCOME + "decision"].cast(pa.string()), value_set=pa.array(DECISIONS)
    ).combine_chunks()
    return frozen(values_of(decisions, np.int32).astype(np.int8))
