"""What features read of a claim that stands in the state of the history.

In: a `state` table (nights/keep.py). Out: `Facts`, as facts.py has them of a night.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from daatgal.decode.arrays import frozen, pieces_of, strings_of, values_of
from daatgal.decode.identity import is_integer_column, read_id_column
from daatgal.decode.lists import read_procedure_column
from daatgal.decode.text import Coded, read_coded_column
from daatgal.errors import InputError
from daatgal.features.facts import Facts, Given, complete, decisions_of
from daatgal.features.texts import Texts
from daatgal.nights.keep import OUTCOME
from daatgal_engine.clinical_codes import pack_icd10
from daatgal_engine.columns import NO_DAY, NO_MNT, SEX_FEMALE, SEX_MALE, SEX_UNKNOWN
from daatgal_engine.reasons import Decision

if TYPE_CHECKING:
    from daatgal.facilities import Facilities
    from daatgal.tariff.book import TariffBook
    from daatgal_engine.columns import I8, I64, U8


def facts_of_state(state: pa.Table, facilities: Facilities, book: TariffBook | None = None) -> Facts:
    """The facts of claims of the history; without a book nothing is known to be a stay.

    Raises InputError where a claim names a facility that is not in `facilities`.
    """
    rows = state.num_rows

    def coded(name: str) -> Coded:
        return read_coded_column(pieces_of(state[name], 0), rows)

    def texts(name: str) -> Texts:
        column = coded(name)
        return Texts(column.codes, column.values)

    icd10 = coded("icd10")
    packed = np.zeros(len(icd10.values) + 1, np.uint64)
    pack_icd10(strings_of(icd10.values), packed[:-1])
    procedures = read_procedure_column(pieces_of(state["procedures"], 0), rows)
    people, decision = state["insured_id"], decisions_of(state)
    stood = (decision != Decision.VOIDED).astype(np.uint8)
    return complete(
        Given(
            ids=read_id_column(pieces_of(people, 0), rows, integers=is_integer_column(people)).ids,
            new=np.zeros(rows, np.uint8),
            stood=stood,
            decision=decision,
            start_s=_whole(state["start_at"], np.int64, 0),
            end_s=_whole(state["end_at"], np.int64, 0),
            billed_mnt=_whole(state["billed_mnt"], np.int64, int(NO_MNT)),
            gross_mnt=_whole(state[OUTCOME + "gross_mnt"], np.int64, 0),
            deducted_mnt=_whole(state[OUTCOME + "deducted_mnt"], np.int64, 0),
            quantity=_whole(state["quantity"], np.int32, 1),
            case=_cases(state),
            facility=_known(texts("facility_id"), facilities, stood),
            department=texts("department_id"),
            specialty=texts("specialty"),
            practitioner=texts("practitioner_id"),
            care_type=texts("care_type"),
            drg=texts(OUTCOME + "drg_code"),
            service=texts("service_code"),
            icd10=frozen(packed[icd10.codes]),
            procedure_offset=frozen(procedures.offset),
            procedure=frozen(procedures.codes),
            sex=_sexes(coded("known_sex")),
            birth_day=_whole(state["known_birth_date"], np.int32, int(NO_DAY)),
        ),
        facilities,
        book,
    )


def _whole(column: pa.ChunkedArray, dtype: Any, absent: int) -> Any:
    """The numbers or days of a column as they are stored; times, which Parquet keeps finer, in seconds."""
    kind = pa.int32() if dtype is np.int32 else pa.int64()
    values = column.combine_chunks()
    whole = (values.cast(pa.timestamp("s")) if pa.types.is_timestamp(values.type) else values).cast(kind)
    return frozen(values_of(whole.fill_null(absent) if whole.null_count else whole, dtype))


def _cases(state: pa.Table) -> I64:
    ids = state["claim_id"].combine_chunks()
    rows = pc.index_in(state[OUTCOME + "case_id"].combine_chunks(), value_set=ids)
    return frozen(values_of(rows.cast(pa.int64()), np.int64))


def _sexes(column: Coded) -> I8:
    meaning = {"m": SEX_MALE, "f": SEX_FEMALE}
    of_code = [*(meaning.get(text, SEX_UNKNOWN) for text in column.values.to_pylist()), SEX_UNKNOWN]
    return frozen(np.array(of_code, np.int8)[column.codes])


def _known(texts: Texts, facilities: Facilities, stood: U8) -> Texts:
    """Facilities by their place in the table of facilities, as in a night."""
    place = pc.index_in(texts.values, value_set=facilities.ids).fill_null(-1).to_numpy().astype(np.int32)
    codes = np.append(place, np.int32(-1))[texts.codes]
    strange = np.flatnonzero((codes < 0) & (stood != 0))
    if strange.size:
        found = texts.values[int(texts.codes[strange[0]])].as_py()
        raise InputError(
            f"history: a claim of facility {found!r}, expected only facilities of the facilities table"
        )
    return Texts(frozen(codes), facilities.ids)
