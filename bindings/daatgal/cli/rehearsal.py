"""A night in miniature, to have every kernel compiled before the first real one.

In: nothing. Out: a book of one group, one facility, one insured, and claims of two nights: admissions, a replacement,
two rows of one claim_id, a row without a diagnosis, and more wards than the first table of codes has room for. Enough
for the whole flow, whole or in the two parts that can be compiled side by side. No kernel lives here.
"""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from daatgal.decode import decode
from daatgal.facilities import load_facilities
from daatgal.forest import FeatureColumns, Scorer, Tree, from_trees
from daatgal.insured import load_insured
from daatgal.pipeline import Settlement, settle
from daatgal.scoring import score, train
from daatgal.tariff.book import TariffBook
from daatgal.tariff.compiled import compile_book, frozen, frozen_array
from daatgal.tariff.rows import OPEN_FROM_DAY, OPEN_TO_DAY, BaseRateRow, CareTypeRow, DrgMapRow, DrgRow

if TYPE_CHECKING:
    from multiprocessing.sharedctypes import Synchronized

WARDS = 600
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


def rehearse_forest() -> None:
    """One row scored by one tree, with its reasons."""
    tree = Tree(
        feature=[0, 0, 0], threshold=[0, 0, 0], left=[1, -1, -1], right=[2, -1, -1], training_rows=[2, 1, 1]
    )
    scorer = Scorer(from_trees([tree], features=1, sample_rows=2))
    columns = FeatureColumns.of(np.zeros((1, 1), np.float32))
    scorer.score(columns)
    scorer.differences(columns, np.zeros(1, np.int64))


def rehearse_decoding() -> None:
    """What comes before settling: the first night's claims decoded."""
    book = rehearsal_book()
    facilities = load_facilities(rehearsal_facilities(), book)
    decode(
        rehearsal_claims("A"),
        book=book,
        facilities=facilities,
        insured=load_insured(rehearsal_insured()),
    )


def rehearse_settling(count: Synchronized[int]) -> None:
    """Settling one claim, in a process of its own; `count` is added to for each kernel that is compiled."""
    from numba.core import event

    from daatgal_engine.claim_records import SEATED
    from daatgal_engine.columns import Ids
    from daatgal_engine.outcomes import OUTCOME
    from daatgal_engine.settle import Batch, settle_people

    class Listener(event.Listener):
        def on_start(self, event: object) -> None:
            del event
            with count.get_lock():
                count.value += 1

        def on_end(self, event: object) -> None:
            del event

    ids = frozen(Ids(np.zeros(8, np.uint8), np.array([0, 8]), np.zeros(1, np.uint64)))
    batch = Batch(ids, ids, np.recarray(1, SEATED), np.recarray(1, OUTCOME))
    batch.claims[:] = np.zeros(1, SEATED)
    rules = compile_book(rehearsal_book(), services=[], facility_types=()).rules
    with event.install_listener("numba:compile", Listener()):
        settle_people(frozen_array(np.array([0, 1])), batch, rules)


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
