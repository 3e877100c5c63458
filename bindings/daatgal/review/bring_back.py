"""Results brought back: files of outcomes into the review store, or straight to findings.

In: results files. Out: what was stored, what was refused, line by line. A file is stored whole or, if something
fails, not at all; bad lines are stored as refusals beside the good ones. No kernel lives here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple
from zoneinfo import ZoneInfo

import pyarrow as pa

from daatgal.review.findings import findings_table, standing_reviews
from daatgal.review.lines import read_lines
from daatgal.review.outcomes import Outcome, check_lines

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from pathlib import Path

    from daatgal.review.drawn import Drawn
    from daatgal.review.findings import Standing
    from daatgal.review.outcomes import Id, Refusal, Reviewed
    from daatgal.review.store import Store

FUND_ZONE: Final = ZoneInfo("Asia/Ulaanbaatar")
"""In which auditors write times, and in which `at` is given to what stores them."""


class Imported(NamedTuple):
    """What became of one file."""

    file: str
    first: int
    """cases or claims that had no outcome before"""
    corrected: int
    """another outcome than before; both are kept"""
    unchanged: int
    """the same again: nothing was stored"""
    unfilled: int
    refused: list[Refusal]


class Findings(NamedTuple):
    """What the results come to."""

    table: pa.Table
    """case_id, outcome, overpaid_mnt, underpaid_mnt"""
    files: list[dict[str, object]]
    """name, sha256 and rows of each file"""
    changed_after_hints: int
    """outcomes that were given after the auditor could see why the case was drawn"""
    refused: list[Refusal]


def import_results(store: Store, path: Path, who: str, at: datetime) -> Imported:
    """Take a file of outcomes into the store. Raises InputError for a file that cannot be read at all."""
    lines = read_lines(path)
    checked = check_lines(lines, store.cases(), at)
    standing = standing_reviews(record.review for record in store.outcomes())
    new: list[Reviewed] = []
    first = corrected = 0
    for review in checked.taken:
        before = standing.get(review.case_id, {})
        if _says_the_same(before, review):
            continue
        new.append(review)
        corrected += bool(before)
        first += not before
    store.record(lines.name, lines.sha256, new, checked.refused, who, at)
    return Imported(
        lines.name, first, corrected, len(checked.taken) - len(new), checked.unfilled, checked.refused
    )


def _says_the_same(before: dict[Id | None, Reviewed], review: Reviewed) -> bool:
    known = before.get(review.claim_id)
    return known is not None and known._replace(line=0) == review._replace(line=0)


def findings_in_store(store: Store) -> Findings:
    """What stands in the store."""
    recorded = store.outcomes()
    whole_ids = bool(store.facts["whole_ids"])
    table = findings_table(standing_reviews(record.review for record in recorded), _id_type(whole_ids))
    files: dict[str, int] = {}
    for record in recorded:
        files[record.file] = files.get(record.file, 0) + 1
    named: list[dict[str, object]] = [
        {"name": name, "sha256": None, "rows": rows} for name, rows in files.items()
    ]
    return Findings(table, named, sum(record.hints_open for record in recorded), store.refusals())


def findings_in_files(drawn: Drawn, paths: Sequence[Path], now: datetime) -> Findings:
    """What results files say, the later file over the earlier one; nothing is stored."""
    cases = drawn.cases()
    reviews: list[Reviewed] = []
    files: list[dict[str, object]] = []
    refused: list[Refusal] = []
    for path in paths:
        lines = read_lines(path)
        checked = check_lines(lines, cases, now)
        reviews += checked.taken
        refused += checked.refused
        files.append({"name": lines.name, "sha256": lines.sha256, "rows": len(checked.taken)})
    standing: Standing = standing_reviews(reviews)
    return Findings(findings_table(standing, _id_type(drawn.whole_ids)), files, 0, refused)


def counts(standing: Standing) -> dict[str, int]:
    """Outcomes by kind."""
    every = [str(review.outcome) for parts in standing.values() for review in parts.values()]
    return {str(outcome): every.count(outcome) for outcome in Outcome}


def _id_type(whole_ids: bool) -> pa.DataType:
    return pa.int64() if whole_ids else pa.string()
