"""What auditors write down, line by line: checked against the drawn cases, every bad line named.

In: the lines of a results file and the drawn cases. Out: `Reviewed` outcomes and `Refusal`s; a bad line never stops a
good one. No kernel lives here. Source: audit.md §5.
"""

from __future__ import annotations

import re
from collections import defaultdict
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Final, NamedTuple

from daatgal.errors import InputError
from daatgal.review.lines import FORMULA, LONGEST_TEXT
from daatgal.review.safe_text import without_mark
from daatgal.review.words import column_named, outcome_named

if TYPE_CHECKING:
    from collections.abc import Mapping

    from daatgal.review.lines import Line, Lines

Id = str | int
COLUMNS: Final = ("case_id", "claim_id", "outcome", "amount_mnt", "auditor", "reviewed_at", "note")
EARLIEST: Final = datetime(2000, 1, 1)  # noqa: DTZ001 - local time, as the fund's files have it
_EXACT_FLOAT: Final = 1 << 53
_LARGEST_MNT: Final = (1 << 63) - 1
_WHOLE: Final = re.compile(r"[0-9]{1,19}")
_AUDITOR_LENGTH: Final = 200
_NOTE_LENGTH: Final = 4_000
_SHOWN: Final = 80


class Outcome(StrEnum):
    """What a review came to."""

    OVERPAID = "overpaid"
    UNDERPAID = "underpaid"
    CORRECT = "correct"
    CANNOT_DETERMINE = "cannot_determine"


WITH_AMOUNT: Final = (Outcome.OVERPAID, Outcome.UNDERPAID)


class Reviewed(NamedTuple):
    """One outcome as an auditor gave it."""

    line: int
    case_id: Id
    claim_id: Id | None
    """None: of the whole case"""
    outcome: Outcome
    amount_mnt: int
    auditor: str
    reviewed_at: datetime
    note: str


class Refusal(NamedTuple):
    """A line that was not taken."""

    file: str
    line: int
    column: str
    found: str
    expected: str

    def __str__(self) -> str:
        return f"{self.file}, line {self.line}, {self.column}: found {self.found}, expected {self.expected}"


class Cases(NamedTuple):
    """The drawn cases that outcomes can be of."""

    fund_mnt: Mapping[Id, int]
    """by case: what the fund paid for it, so the most that can be overpaid"""
    claims: Mapping[Id, Mapping[Id, int] | Mapping[Id, int | None]]
    """by case, then by claim: what the fund paid for that claim; None where it is not known"""
    case_of: Mapping[Id, Id]
    """by claim"""
    whole_ids: bool
    """ids are int64, not strings"""


class Checked(NamedTuple):
    """A file, looked through."""

    taken: list[Reviewed]
    refused: list[Refusal]
    unfilled: int
    """lines of a work list without an outcome yet"""


def check_lines(lines: Lines, cases: Cases, now: datetime) -> Checked:
    """Look at every line; `now` is in the fund's time zone.

    Raises InputError where the file lacks a column that every line needs.
    """
    names = {name: column_named(name) for name in lines.columns}
    given = [column for column in names.values() if column is not None]
    twice = [column for column in given if given.count(column) > 1]
    if twice:
        raise InputError(f"{lines.name}: found two columns for {twice[0]}, expected one")
    missing = [name for name in ("outcome", "auditor", "reviewed_at") if name not in given]
    if missing or not {"case_id", "claim_id"} & set(given):
        missing += [] if {"case_id", "claim_id"} & set(given) else ["case_id or claim_id"]
        raise InputError(
            f"{lines.name}: found no column {', '.join(missing)}; "
            f"expected {', '.join(COLUMNS)} (case_id or claim_id)"
        )
    taken: list[Reviewed] = []
    refused: list[Refusal] = []
    unfilled = 0
    for line in lines.rows:
        values = {
            column: value for name, value in line.values.items() if (column := names.get(name)) is not None
        }
        if "outcome" not in values and not {"amount_mnt", "reviewed_at", "note"} & values.keys():
            unfilled += 1
            continue
        try:
            taken.append(_reviewed(line, values, cases, now))
        except _RefusedError as error:
            refused.append(Refusal(lines.name, line.number, *error.about))
    kept, repeated = _once_each(taken, lines.name)
    return Checked(kept, sorted([*refused, *repeated], key=lambda refusal: refusal.line), unfilled)


class _RefusedError(Exception):
    """Why a line is not taken: column, found, expected."""

    def __init__(self, column: str, found: object, expected: str) -> None:
        super().__init__(column)
        self.about = (column, shown(found), expected)


def shown(value: object) -> str:
    """What was found, short enough to read."""
    if value is None:
        return "nothing"
    if value is FORMULA:
        return "a formula"
    text = repr(value)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"


def _reviewed(line: Line, values: Mapping[str, object], cases: Cases, now: datetime) -> Reviewed:
    case_id, claim_id = _subject(values, cases)
    name = _text(values, "outcome", _SHOWN)
    found = outcome_named(name) if name else None
    if found is None:
        raise _RefusedError("outcome", values.get("outcome"), f"one of {', '.join(Outcome)}")
    outcome = Outcome(found)
    amount_mnt = _amount(values.get("amount_mnt"), outcome)
    most = cases.fund_mnt[case_id]
    if claim_id is not None:
        of_claim = cases.claims[case_id][claim_id]
        most = most if of_claim is None else of_claim
    if outcome is Outcome.OVERPAID and amount_mnt > most:
        raise _RefusedError("amount_mnt", amount_mnt, f"at most {most}, which is what the fund paid")
    auditor = _text(values, "auditor", _AUDITOR_LENGTH)
    if not auditor:
        raise _RefusedError("auditor", None, "who reviewed it")
    note = _text(values, "note", _NOTE_LENGTH)
    return Reviewed(
        line.number,
        case_id,
        claim_id,
        outcome,
        amount_mnt,
        auditor,
        _time(values.get("reviewed_at"), now),
        note,
    )


def _subject(values: Mapping[str, object], cases: Cases) -> tuple[Id, Id | None]:
    """The case, and the claim where the outcome is of one of several."""
    claim_id = _id("claim_id", values, cases.case_of, cases.whole_ids) if "claim_id" in values else None
    if "case_id" in values:
        case_id = _id("case_id", values, cases.fund_mnt, cases.whole_ids)
        if claim_id is not None and cases.case_of[claim_id] != case_id:
            raise _RefusedError("claim_id", values["claim_id"], f"a claim of case {case_id!r}")
    elif claim_id is not None:
        case_id = cases.case_of[claim_id]
    else:
        raise _RefusedError("case_id", None, "the id of a drawn case, or claim_id")
    return case_id, claim_id if len(cases.claims[case_id]) > 1 else None


def _id(column: str, values: Mapping[str, object], known: Mapping[Id, object], whole_ids: bool) -> Id:
    value = values[column]
    tries: list[Id] = []
    if isinstance(value, str):
        tries = [value, value.strip(), without_mark(value.strip())]
        if whole_ids:
            tries = [int(text) for text in tries if re.fullmatch(r"-?[0-9]{1,19}", str(text))]
    elif isinstance(value, int) and not isinstance(value, bool):
        tries = [value if whole_ids else str(value)]
    elif isinstance(value, float) and value.is_integer() and abs(value) < _EXACT_FLOAT:
        tries = [int(value) if whole_ids else str(int(value))]
    for candidate in tries:
        if candidate in known:
            return candidate
    raise _RefusedError(
        column, value, "the id of a drawn case" if column == "case_id" else "a claim of a drawn case"
    )


def _amount(value: object, outcome: Outcome) -> int:
    wanted = "whole tögrög, at least 1" if outcome in WITH_AMOUNT else f"no amount, or 0, for {outcome}"
    if value is None and outcome not in WITH_AMOUNT:
        return 0
    amount = None
    if isinstance(value, str) and _WHOLE.fullmatch(value.strip()):
        amount = int(value)
    elif isinstance(value, int) and not isinstance(value, bool):
        amount = value
    elif isinstance(value, float) and value.is_integer() and abs(value) < _EXACT_FLOAT:
        amount = int(value)
    if amount is None or not 0 <= amount <= _LARGEST_MNT or (amount > 0) != (outcome in WITH_AMOUNT):
        raise _RefusedError("amount_mnt", value, wanted)
    return amount


def _text(values: Mapping[str, object], column: str, longest: int) -> str:
    value = values.get(column)
    if value is None:
        return ""
    if value is FORMULA:
        raise _RefusedError(column, value, "text")
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    text = without_mark(str(value).strip()[:LONGEST_TEXT])
    if len(text) > longest:
        raise _RefusedError(column, text, f"at most {longest} characters")
    return text


def _time(value: object, now: datetime) -> datetime:
    """Local time in whole seconds; a date means midnight."""
    found: datetime | None = None
    if isinstance(value, datetime):
        found = value
    elif isinstance(value, date):
        found = datetime.combine(value, time())
    elif isinstance(value, str):
        text = re.sub(r"^(\d{4})[./](\d{2})[./](\d{2})", r"\1-\2-\3", value.strip())
        try:
            found = datetime.fromisoformat(text)
        except ValueError:
            found = None
    if found is None:
        raise _RefusedError("reviewed_at", value, "a date or time such as 2026-11-03 or 2026-11-03 14:30")
    if found.tzinfo is not None:
        found = found.astimezone(now.tzinfo).replace(tzinfo=None)
    found = found.replace(microsecond=0)
    if not EARLIEST <= found <= now.replace(tzinfo=None) + timedelta(days=1):
        raise _RefusedError("reviewed_at", value, f"a day from {EARLIEST:%Y-%m-%d} to today")
    return found


def _once_each(taken: list[Reviewed], name: str) -> tuple[list[Reviewed], list[Refusal]]:
    """Two lines of one file on one case: if they say the same the first stays, else none does."""
    by_case: dict[Id, list[Reviewed]] = defaultdict(list)
    for review in taken:
        by_case[review.case_id].append(review)
    refused: list[Refusal] = []
    for reviews in by_case.values():
        levels = {review.claim_id is None for review in reviews}
        by_subject: dict[Id | None, list[Reviewed]] = defaultdict(list)
        for review in reviews:
            by_subject[None if len(levels) > 1 else review.claim_id].append(review)
        for several in by_subject.values():
            same = len({review._replace(line=0) for review in several}) == 1
            for review in several[1:] if same else several if len(several) > 1 else []:
                others = ", ".join(str(other.line) for other in several if other is not review)
                column = "case_id" if review.claim_id is None else "claim_id"
                found = f"{'the same outcome' if same else 'another outcome'} in line {others}"
                refused.append(Refusal(name, review.line, column, found, "one outcome a file"))
    lines = {refusal.line for refusal in refused}
    return [review for review in taken if review.line not in lines], refused
