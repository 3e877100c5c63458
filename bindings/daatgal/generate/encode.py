"""Rows of codes become an Arrow record batch in the contract's columns.

In flow `Rows` and the vocabularies; out flows a `pa.RecordBatch`. A code past the end of its vocabulary is one of the
column's broken values, so that unreadable claims can be made on purpose.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from daatgal.generate.diagnoses import SPECIALTIES, diagnoses
from daatgal.generate.facilities import facility_ids
from daatgal.generate.ids import claim_ids, numbered, person_ids
from daatgal.generate.rows import NO_AMOUNT, NO_DAY, NO_QUANTITY, NO_TIME, NONE
from daatgal.generate.world import SITES

if TYPE_CHECKING:
    from daatgal.generate.ids import AnyArray
    from daatgal.generate.plan import Plan
    from daatgal.generate.price_list import PriceList
    from daatgal.generate.rows import I8, I32, I64, Rows
    from daatgal.generate.world import World

BROKEN_ICD = ("4G0", "G4", "Ы10", "40.1")
BROKEN_PROCEDURE = ("1", "12A", "12345")
BROKEN_CARE = ("hospital",)
BROKEN_SEX = ("u",)
BROKEN_RESULT = ("unknown",)
BROKEN_MESSAGE = ("correction",)
UNKNOWN_FACILITY = "F999999"
UNKNOWN_FACILITY_CODE = 2**31 - 1
UNKNOWN_DRG = "99999"


def claims_schema(id_type: str) -> pa.Schema:
    """The columns of the contract's `claims`, for string or int64 ids."""
    own_id = pa.int64() if id_type == "int64" else pa.string()
    second = pa.timestamp("s")
    codes = pa.list_(pa.string())
    types: dict[str, pa.DataType] = {
        "claim_id": own_id, "insured_id": own_id, "facility_id": pa.string(), "department_id": pa.string(),
        "specialty": pa.string(), "practitioner_id": pa.string(), "care_type": pa.string(), "icd10": pa.string(),
        "icd10_secondary": codes, "procedures": codes, "drg_code": pa.string(), "service_code": pa.string(),
        "site": pa.string(), "quantity": pa.int32(), "start_at": second, "end_at": second, "billed_mnt": pa.int64(),
        "sex": pa.string(), "birth_date": pa.date32(), "exemption": pa.string(), "test_result": pa.string(),
        "order_no": pa.string(), "referral_no": pa.string(), "message": pa.string(), "replaces_claim_id": own_id,
        "submitted_at": second,
    }  # fmt: skip
    return pa.schema(list(types.items()))


class Encoder:
    """Holds the vocabularies of a batch; `batch` turns rows into a record batch."""

    def __init__(self, plan: Plan, world: World) -> None:
        self._plan = plan
        self._schema = claims_schema(plan.id_type)
        self._departments = pa.array(world.departments, pa.string())
        self._care = pa.array((*world.care_types, *BROKEN_CARE), pa.string())
        self._facilities = pa.concat_arrays(
            [facility_ids(plan.blocks), pa.array([UNKNOWN_FACILITY], pa.string())]
        )
        self._drg = pa.array((*plan.book.drg_codes, UNKNOWN_DRG), pa.string())
        self._exemption = pa.array(plan.book.exemption_categories or ("",), pa.string())

    def batch(self, rows: Rows, prices: PriceList) -> pa.RecordBatch:
        """The rows in the contract's columns."""
        plan = self._plan
        columns = [
            claim_ids(rows.number, plan.seed, plan.id_type),
            person_ids(rows.person, plan.seed, plan.id_type),
            _named(self._facilities, np.minimum(rows.facility, len(self._facilities) - 1)),
            _named(self._departments, rows.department),
            _named(self._specialties, rows.specialty),
            numbered("D", rows.practitioner, 11, rows.practitioner == NONE),
            _named(self._care, rows.care),
            _named(self._icd, spelled(rows.icd, rows.spelling)),
            _lists(
                self._icd,
                np.where(rows.secondary == NONE, NONE, spelled(rows.secondary, rows.spelling[:, None])),
            ),
            _lists(pa.array((*prices.procedures, *BROKEN_PROCEDURE), pa.string()), rows.procedure),
            _named(self._drg, rows.drg),
            _named(pa.array(prices.services, pa.string()), rows.service),
            _named(self._sites, rows.site),
            pa.array(rows.quantity, pa.int32(), mask=rows.quantity == NO_QUANTITY),
            _seconds(rows.start_s),
            _seconds(rows.end_s),
            pa.array(rows.billed_mnt, pa.int64(), mask=rows.billed_mnt == NO_AMOUNT),
            _named(pa.array(("m", "f", *BROKEN_SEX)), rows.sex),
            pa.array(rows.birth_day, pa.int32(), mask=rows.birth_day == NO_DAY).cast(pa.date32()),
            _named(self._exemption, rows.exemption),
            _named(pa.array(("positive", "negative", *BROKEN_RESULT)), rows.result),
            numbered("O", rows.order_no, 8, rows.order_no == NONE),
            numbered("R", rows.referral_no, 8, rows.referral_no == NONE),
            _named(pa.array(("original", "replacement", "cancellation", *BROKEN_MESSAGE)), rows.message),
            claim_ids(rows.replaces, plan.seed, plan.id_type),
            _seconds(rows.submitted_s),
        ]
        return pa.RecordBatch.from_arrays(columns, schema=self._schema)

    @cached_property
    def _specialties(self) -> AnyArray:
        return pa.array(SPECIALTIES, pa.string())

    @cached_property
    def _sites(self) -> AnyArray:
        return pa.array(SITES, pa.string())

    @cached_property
    def _icd(self) -> AnyArray:
        codes = [*diagnoses().code, *BROKEN_ICD]
        dotted = [
            code if len(code) <= 3 or index >= len(diagnoses().code) else f"{code[:3]}.{code[3:]}"
            for index, code in enumerate(codes)
        ]
        return pa.array([*dotted, *codes, *(code.lower() for code in dotted)], pa.string())


def spelled(icd: I32, spelling: I8) -> I32:
    """The index of a code in the facility's way of writing it; NONE stays NONE."""
    ways = len(diagnoses().code) + len(BROKEN_ICD)
    return np.where(icd == NONE, NONE, icd + spelling.astype(np.int32) * ways)


def _named(vocabulary: AnyArray, code: I32) -> AnyArray:
    index = pa.array(code, pa.int32(), mask=code < 0)
    return pa.DictionaryArray.from_arrays(index, vocabulary).cast(pa.string())


def _seconds(moment: I64) -> AnyArray:
    return pa.array(moment, pa.int64(), mask=moment == NO_TIME).cast(pa.timestamp("s"))


def _lists(vocabulary: AnyArray, codes: I32) -> AnyArray:
    """A list per row of the codes that are not NONE; null where there is none."""
    has = codes != NONE
    length = has.sum(axis=1)
    offset = np.zeros(codes.shape[0] + 1, dtype=np.int32)
    np.cumsum(length, out=offset[1:])
    values = _named(vocabulary, codes[has])
    return pa.ListArray.from_arrays(pa.array(offset, pa.int32()), values, mask=pa.array(length == 0))
