"""Rows that no one could read as a claim: one for each quarantine code of the contract.

In flows the stage of a piece; out flow rows spoilt in place or added, and the truth, its kinds being the codes in
lower case.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from daatgal.generate.care import DAY_S
from daatgal.generate.diagnoses import diagnoses
from daatgal.generate.encode import BROKEN_ICD, UNKNOWN_FACILITY_CODE
from daatgal.generate.rows import MESSAGE_REPLACEMENT, NO_TIME, NONE
from daatgal.generate.stage import Made, Stage, truth

if TYPE_CHECKING:
    from daatgal.generate.rows import I64, Rows

_UNKNOWN_MESSAGE = 3
_NOWHERE = 1 << 18
"""Numbers of a piece's claims from here on are never sent."""
UNREADABLE = (
    "missing_value", "bad_period", "unknown_facility", "bad_icd10", "unknown_care_type", "negative_value",
    "date_out_of_range", "unknown_message", "missing_target", "message_cycle",
)  # fmt: skip
"""Kinds that spoil a claim in place."""


def unreadable(stage: Stage, count: int) -> Made:
    """Claims spoilt in place, each in one of the ways of UNREADABLE."""
    draws = stage.draws("unreadable")
    index = stage.choose(draws, count)
    way = draws.below(index.size, len(UNREADABLE))
    said = []
    for number, kind in enumerate(UNREADABLE):
        mine = index[way == number]
        if kind == "message_cycle":
            mine = mine[: mine.size // 2 * 2]
        _spoil(kind, stage.rows, mine, len(stage.scene.world.care_types))
        spoilt = stage.rows.take(mine)
        said.append(truth(kind, spoilt, spoilt.replaces if kind == "message_cycle" else None))
    return Made(None, said)


def duplicate_claim_id(stage: Stage, count: int) -> Made:
    """A claim that comes twice under one number, every second time with another amount."""
    draws = stage.draws("duplicate_claim_id")
    index = stage.choose(draws, count)
    again = stage.rows.take(index)
    differs = draws.chance(index.size, 0.5)
    again = again._replace(
        billed_mnt=np.where(differs, 1000 + draws.below(index.size, 90_000), again.billed_mnt)
    )
    return Made(again, [truth("duplicate_claim_id", again)])


def _spoil(kind: str, rows: Rows, index: I64, care_types: int) -> None:
    """Spoil the claims at `index`; every one is sent at a known time, so that nights can be cut."""
    third = index[::3]
    rows.submitted_s[index] = np.where(
        rows.submitted_s[index] == NO_TIME, rows.end_s[index], rows.submitted_s[index]
    )
    match kind:
        case "missing_value":
            rows.icd[index] = NONE
            rows.person[third] = NONE
        case "bad_period":
            rows.end_s[index] = rows.start_s[index] - 3600
        case "unknown_facility":
            rows.facility[index] = UNKNOWN_FACILITY_CODE
        case "bad_icd10":
            rows.icd[index] = len(diagnoses().code) + index % len(BROKEN_ICD)
        case "unknown_care_type":
            rows.care[index] = care_types
        case "negative_value":
            rows.quantity[index] = -1
            rows.billed_mnt[third] = -1000
        case "date_out_of_range":
            rows.end_s[index] += 120 * 365 * DAY_S
        case "unknown_message":
            rows.message[index] = _UNKNOWN_MESSAGE
        case "missing_target":
            _aim(rows, index, rows.number[index] | _NOWHERE)
        case _:
            partner = index.reshape(-1, 2)[:, ::-1].reshape(-1)
            _aim(rows, index, rows.number[partner])
            rows.submitted_s[index] = np.maximum(rows.submitted_s[index], rows.submitted_s[partner])


def _aim(rows: Rows, index: I64, target: I64) -> None:
    rows.message[index] = MESSAGE_REPLACEMENT
    rows.replaces[index] = target
