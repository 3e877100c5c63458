"""A night in miniature, to have every kernel compiled before the first real one.

In: nothing. Out: a book of one group, one facility, one insured, and claims of two nights: admissions, a replacement,
two rows of one claim_id, and a row without a diagnosis. Enough to enter every kernel of the whole flow, and few enough
for the interpreter. No kernel lives here.
"""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from daatgal.decode.arrays import strings_of
from daatgal.features import facts_of_night
from daatgal.judging import judge, load_registers
from daatgal.nights.recall import Recalled
from daatgal.pipeline import Settlement, settle
from daatgal.scoring import score, train
from daatgal.stages import Stages, silent
from daatgal.tariff.book import TariffBook
from daatgal.tariff.rows import OPEN_FROM_DAY, OPEN_TO_DAY, BaseRateRow, CareTypeRow, DrgMapRow, DrgRow
from daatgal_engine.value_codes import ValueCodes

WARDS = 20
VALUES = 600
_ALWAYS: Any = {
    "valid_from_day": OPEN_FROM_DAY,
    "valid_to_day": OPEN_TO_DAY,
    "source": "rehearsal",
    "line": 2,
}
_NAMES: Any = {"name_mn": "эмчлүүлэх", "name_en": "care"}


def rehearse_night() -> None:
    """Two nights, the second with the first as its history and scored with a model of it."""
    book, facilities, insured = rehearsal_book(), rehearsal_facilities(), rehearsal_insured()
    nights: list[Settlement] = []
    for night in ("A", "B"):
        nights.append(
            settle(
                rehearsal_claims(night),
                facilities=facilities,
                tariff=book,
                insured=insured,
                history=list(nights),
            )
        )
    registers: Any = {"facilities": facilities, "tariff": book}
    model = train(nights[:1], **registers)
    score(nights[1], model=model, history=nights[:1], **registers, reasons_percentile=0)


def rehearse_facts() -> None:
    """What a night that is scored as it is settled does otherwise than one that is scored later."""
    registers = load_registers(rehearsal_facilities(), rehearsal_book(), rehearsal_insured())
    claims = rehearsal_claims("A")
    facts_of_night(judge(claims, registers, Recalled(), None, Stages(silent)).night)


def rehearse_many_values() -> None:
    """More strings than the first table of codes has room for."""
    strings = pa.array([str(number) for number in range(VALUES)])
    ValueCodes().number(strings_of(strings), np.empty(VALUES, np.int32))


def rehearsal_book() -> TariffBook:
    """A book that prices one diagnosis in one care type; no rule is on."""
    return TariffBook(
        path=Path(),
        name="rehearsal",
        title="Rehearsal",
        jurisdiction="none",
        currency="MNT",
        timezone="Asia/Ulaanbaatar",
        source="rehearsal",
        synthetic=True,
        sha256="0" * 64,
        care_types=(CareTypeRow("inpatient", "drg", stay=True, bundled_in=(), **_NAMES, **_ALWAYS),),
        base_rates=(BaseRateRow("inpatient", None, None, 100_000, **_ALWAYS),),
        drgs=(DrgRow("1", "inpatient", weight_e4=10_000, total_mnt=None, **_NAMES, **_ALWAYS),),
        drg_map=(
            DrgMapRow("inpatient", "G40", "G40", None, None, None, None, None, "1", priority=0, **_ALWAYS),
        ),
        items=(),
        copay=(),
        exemptions=(),
        eligibility=(),
        rules=(),
    )


def rehearsal_facilities() -> pa.Table:
    """One state hospital, open for ever."""
    return pa.table(
        {
            "facility_id": ["F1"],
            "name": ["F1"],
            "level": pa.array([3], pa.int8()),
            "ownership": ["state"],
            "facility_type": ["15.1.5"],
            "aimag": ["Улаанбаатар"],
            "contracted_care_types": pa.array([["inpatient"]], pa.list_(pa.string())),
            "contract_from": pa.array([None], pa.date32()),
            "contract_to": pa.array([None], pa.date32()),
            "valid_from": pa.array([None], pa.date32()),
            "valid_to": pa.array([None], pa.date32()),
        }
    )


def rehearsal_insured() -> pa.Table:
    """One person, covered for ever."""
    return pa.table(
        {
            "insured_id": ["P1"],
            "covered_from": pa.array([date(2000, 1, 1)], pa.date32()),
            "covered_to": pa.array([None], pa.date32()),
            "death_date": pa.array([None], pa.date32()),
            "sex": ["f"],
            "birth_date": pa.array([date(1980, 2, 29)], pa.date32()),
            "exemption": pa.array([None], pa.string()),
        }
    )


def rehearsal_claims(night: str) -> pa.Table:
    """WARDS admissions; then a replacement of the first, a row sent twice, and one without a diagnosis."""
    names = [f"{night}{number}" for number in range(WARDS)] + [
        f"{night}-{end}" for end in ("new", "two", "two", "bad")
    ]
    rows = len(names)
    instant = pa.timestamp("s")
    return pa.table(
        {
            "claim_id": names,
            "insured_id": ["P1"] * rows,
            "facility_id": ["F1"] * rows,
            "department_id": names,
            "care_type": ["inpatient"] * rows,
            "icd10": ["G40.1"] * (rows - 1) + [None],
            "icd10_secondary": pa.array([["I10"]] * rows, pa.list_(pa.string())),
            "procedures": pa.array([["0151"]] * rows, pa.list_(pa.string())),
            "start_at": pa.array([datetime(2019, 3, 1)] * rows, instant),  # noqa: DTZ001 - local, as the contract has it
            "end_at": pa.array([datetime(2019, 3, 4)] * rows, instant),  # noqa: DTZ001
            "billed_mnt": pa.array([100_000] * rows, pa.int64()),
            "message": ["original"] * WARDS + ["replacement"] + ["original"] * 3,
            "replaces_claim_id": [None] * WARDS + [f"{night}0", None, None, None],
        }
    )
