"""Corrections: replacements and cancellations, in lines of up to three messages.

In flows the stage of a piece; out flow messages that are sent after what they aim at, and the truth.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from daatgal.generate.rows import (
    MESSAGE_CANCELLATION,
    MESSAGE_REPLACEMENT,
    NO_AMOUNT,
    NO_DAY,
    NO_QUANTITY,
    NO_TIME,
    NONE,
    concatenate,
)
from daatgal.generate.stage import Made, Stage, truth

if TYPE_CHECKING:
    from daatgal.generate.draws import Draws
    from daatgal.generate.rows import I64, Bools, Rows, Truth

_GOES_ON = 0.3
_ORIGINALS = 73
"""Lines for each hundred messages, so that the longer ones have room."""
_ENDS_CANCELLED = 0.12
_OTHER_PERSON, _OTHER_FACILITY = 0.05, 0.03
_LONGEST_LINE = 3


def replacement(stage: Stage, count: int) -> Made:
    """Lines of one to three messages, each replacing the original or the message before; some end cancelled."""
    draws = stage.draws("replacement")
    index = stage.choose(draws, -(-count * _ORIGINALS // 100))
    made: list[Rows] = []
    said: list[Truth] = []
    original = target = stage.rows.take(index)
    left = count
    for length in range(_LONGEST_LINE):
        n = min(target.number.size, left)
        original, target, index = original.take(np.arange(n)), target.take(np.arange(n)), index[:n]
        message = stage.copies(index)._replace(
            person=target.person,
            message=np.full(n, MESSAGE_REPLACEMENT, dtype=np.int32),
            replaces=np.where(draws.chance(n, 0.5), original.number, target.number),
            submitted_s=stage.later(draws, target.presented_s()),
        )
        message = _corrected(stage, draws, message)
        cancels = draws.chance(n, _ENDS_CANCELLED if length else 0.0)
        message = _cancelling(message, cancels)
        made.append(message)
        aim = message.replaces
        said += [truth("replacement", message.take(np.flatnonzero(~cancels)), aim[~cancels])]
        said += [truth("cancellation", message.take(np.flatnonzero(cancels)), aim[cancels])]
        left -= n
        goes_on = np.flatnonzero(~cancels & draws.chance(n, _GOES_ON))
        original, target, index = original.take(goes_on), message.take(goes_on), index[goes_on]
    return Made(concatenate(made), said)


def cancellation(stage: Stage, count: int) -> Made:
    """A claim taken back; every second message carries nothing but what it must."""
    draws = stage.draws("cancellation")
    index = stage.choose(draws, count)
    aim = stage.rows.take(index)
    message = stage.copies(index)._replace(
        replaces=aim.number, submitted_s=stage.later(draws, aim.presented_s())
    )
    message = _cancelling(message, np.ones(index.size, dtype=np.bool_))
    return Made(_bare(message, draws.chance(index.size, 0.5)), [truth("cancellation", message, aim.number)])


def _corrected(stage: Stage, draws: Draws, rows: Rows) -> Rows:
    """What a correction corrects: mostly the amount, sometimes the person, seldom the facility."""
    n = rows.number.size
    other = draws.below(n, stage.scene.people.sex.size) + (rows.person & ~np.int64((1 << 20) - 1))
    facility = stage.rows.facility[draws.below(n, stage.rows.facility.size)]
    asked = np.where(
        rows.billed_mnt == NO_AMOUNT, stage.priced(rows), rows.billed_mnt * (80 + draws.below(n, 30)) // 100
    )
    return rows._replace(
        person=np.where(draws.chance(n, _OTHER_PERSON), other, rows.person),
        facility=np.where(draws.chance(n, _OTHER_FACILITY), facility, rows.facility),
        billed_mnt=asked,
    )


def _cancelling(rows: Rows, which: Bools) -> Rows:
    return rows._replace(message=np.where(which, MESSAGE_CANCELLATION, rows.message).astype(np.int32))


def _bare(rows: Rows, which: Bools) -> Rows:
    """Only claim, message, target and sending are left of the rows `which` names."""
    keep = {"number", "message", "replaces", "submitted_s", "spelling"}
    blank: dict[str, int] = {
        "start_s": NO_TIME, "end_s": NO_TIME, "billed_mnt": NO_AMOUNT, "birth_day": NO_DAY, "quantity": NO_QUANTITY,
    }  # fmt: skip
    columns: dict[str, I64] = {}
    for name, column in rows._asdict().items():
        if name not in keep:
            mask = which.reshape(-1, *([1] * (column.ndim - 1)))
            columns[name] = np.where(mask, blank.get(name, NONE), column).astype(column.dtype)
    return rows._replace(**columns)
