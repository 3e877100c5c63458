"""The extrapolation of a drawn month as two files: JSON for machines, a page for people.

In: the folder of a drawn month, and the review store or results files. Out: `extrapolation.json` and
`extrapolation.html`. The same inputs give the same bytes; other files of these names are never overwritten. No kernel
lives here.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from daatgal.errors import InputError
from daatgal.extrapolation.answered import NonResponse, Treatment
from daatgal.extrapolation.extrapolate import Method, Parameters, extrapolate
from daatgal.extrapolation.page import page
from daatgal.review.bring_back import findings_in_files, findings_in_store
from daatgal.review.drawn import read_drawn
from daatgal.review.new_files import make_private, put
from daatgal.review.store import open_store

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from pathlib import Path

    from daatgal.review.bring_back import Findings
    from daatgal.review.drawn import Drawn

SQLITE: Final = b"SQLite format 3\0"


class Asked(NamedTuple):
    """What the caller sets; None: what follows from the sample and the store."""

    method: Method | None = None
    cannot_determine: Treatment | None = None
    not_reviewed: Treatment | None = None
    satterthwaite: bool = False
    facilities: bool = False
    """by facility too"""


class _Read(NamedTuple):
    findings: Findings
    rule: NonResponse
    fixed: str | None
    """when the rule was fixed; None: with this very report"""


def extrapolate_month(
    directory: Path, results: Sequence[Path], asked: Asked, now: datetime
) -> dict[str, Any]:
    """The content of the report.

    `results`: one review store, or files of outcomes, later ones over earlier. The store's rule for non-response holds.
    Raises InputError, OutputError.
    """
    drawn = read_drawn(directory)
    read = _read(drawn, results, asked, now)
    default = Method.UNEQUAL if drawn.by_amount else Method.STRATIFIED
    parameters = Parameters(
        method=asked.method or default,
        non_response=read.rule,
        satterthwaite=asked.satterthwaite,
        frame_amount_mnt=drawn.frame_amount_mnt,
    )
    if asked.facilities:
        parameters = parameters._replace(domains=(*parameters.domains, "facility_id"))
    content = extrapolate(drawn.sample, read.findings.table, parameters)
    origin = {
        "format": 1,
        "sample": {"month": drawn.month, "run_hash": drawn.run_hash},
        "results": {
            "files": read.findings.files,
            "changed_after_hints": read.findings.changed_after_hints,
            "refused_lines": len(read.findings.refused),
            "rule_fixed": read.fixed,
        },
    }
    return origin | content


def write_report(content: dict[str, Any], out: Path, lang: str) -> list[Path]:
    """Write both files into the folder `out`."""
    make_private(out)
    spelling = json.dumps(content, ensure_ascii=False, indent=2, allow_nan=False) + "\n"
    files = [out / "extrapolation.json", out / "extrapolation.html"]
    for path, text in zip(files, (spelling, page(content, lang)), strict=True):
        put(path, text.encode())
    return files


def _read(drawn: Drawn, results: Sequence[Path], asked: Asked, now: datetime) -> _Read:
    stores = [path for path in results if _is_store(path)]
    asked_rule = NonResponse(
        asked.cannot_determine or Treatment.ZERO, asked.not_reviewed or Treatment.REFUSED
    )
    if not stores:
        if not results:
            raise InputError("results: found none, expected a review store or files of outcomes")
        return _Read(findings_in_files(drawn, results, now), asked_rule, None)
    if len(results) > 1:
        raise InputError(f"results: found {stores[0]} beside other files, expected a review store alone")
    with open_store(stores[0]) as store:
        facts = store.facts
        if facts["sample_run_hash"] != drawn.run_hash:
            raise InputError(
                f"{stores[0]}: is the store of another sample; expected that of {drawn.directory}"
            )
        rule = NonResponse(Treatment(facts["cannot_determine"]), Treatment(facts["not_reviewed"]))
        for wanted, fixed in zip((asked.cannot_determine, asked.not_reviewed), rule, strict=True):
            if wanted is not None and wanted != fixed:
                raise InputError(
                    f"rule for non-response: found {wanted}, expected {fixed}, which was fixed on {facts['created_at']}"
                )
        return _Read(findings_in_store(store), rule, facts["created_at"])


def _is_store(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return file.read(len(SQLITE)) == SQLITE
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror})") from error
