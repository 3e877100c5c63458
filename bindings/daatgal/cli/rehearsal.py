"""A night in miniature, to have every kernel compiled before the first real one.

In: nothing. Out: a book of one group, one facility, one insured and three claims (an admission, a replacement of it and
a row that is quarantined), enough for the whole flow. No kernel lives here.
"""

from datetime import date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa

from daatgal.tariff.book import TariffBook
from daatgal.tariff.rows import OPEN_FROM_DAY, OPEN_TO_DAY, BaseRateRow, CareTypeRow, DrgMapRow, DrgRow

_ALWAYS: Any = {
    "valid_from_day": OPEN_FROM_DAY,
    "valid_to_day": OPEN_TO_DAY,
    "source": "rehearsal",
    "line": 2,
}
_NAMES: Any = {"name_mn": "эмчлүүлэх", "name_en": "care"}


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


def rehearsal_claims() -> pa.Table:
    """An admission, its replacement, and a row without a diagnosis."""
    instant = pa.timestamp("s")
    return pa.table(
        {
            "claim_id": ["C1", "C2", "C3"],
            "insured_id": ["P1", "P1", "P1"],
            "facility_id": ["F1", "F1", "F1"],
            "care_type": ["inpatient"] * 3,
            "icd10": ["G40.1", "g401", None],
            "icd10_secondary": pa.array([["I10"], [], None], pa.list_(pa.string())),
            "procedures": pa.array([["0151"], None, []], pa.list_(pa.string())),
            "start_at": pa.array([datetime(2019, 3, 1)] * 3, instant),  # noqa: DTZ001 - local, as the contract has it
            "end_at": pa.array([datetime(2019, 3, 4)] * 3, instant),  # noqa: DTZ001
            "billed_mnt": pa.array([100_000, 100_000, 1], pa.int64()),
            "message": ["original", "replacement", "original"],
            "replaces_claim_id": [None, "C1", None],
        }
    )
