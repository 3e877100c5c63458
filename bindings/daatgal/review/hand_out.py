"""Work lists handed out: read the sample, share it out, write the files, keep a note of who was given what.

In: the folder of a drawn month, the nights it was drawn from. Out: files in a folder that only their owner may read,
and a review store where there was none. No kernel lives here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import pyarrow.compute as pc

from daatgal.errors import InputError
from daatgal.review.claims_at_draw import anomalies_of, nights_of, standing_claims
from daatgal.review.drawn import read_drawn
from daatgal.review.new_files import make_private, put
from daatgal.review.pseudonyms import pseudonym_key
from daatgal.review.sheets import as_csv, as_parquet, as_xlsx
from daatgal.review.split import share_among, share_groups
from daatgal.review.store import create_store, open_store
from daatgal.review.words import language
from daatgal.review.worklist import LEDGER_COLUMNS, Insured, Opened, WorkList, work_list

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime
    from pathlib import Path

    import pyarrow as pa

    from daatgal.extrapolation import NonResponse
    from daatgal.review.drawn import Drawn
    from daatgal.review.outcomes import Id
    from daatgal.review.store import Store

SPLITS: Final = ("auditor", "region", "facility", "none")
ROLES: Final = ("auditor", "analyst", "admin")
SEES_PERSONS: Final = ("admin",)
"""Who may be shown insured ids as they are."""


class Wanted(NamedTuple):
    """What a list is asked for."""

    split: str = "auditor"
    auditors: tuple[str, ...] = ()
    lang: str = "mn"
    hints: bool = False
    """reasons, score and weight too: of cases whose first outcome is stored, and of no others"""
    who: str = ""
    role: str = "auditor"
    pseudonym_key: Path | None = None
    show_insured: bool = False


class Handed(NamedTuple):
    """What was handed out."""

    files: list[Path]
    cases: int
    store: Path


def default_store(directory: Path) -> Path:
    """Beside the sample's folder, which is never changed."""
    directory = directory.resolve()
    return directory.with_name(f"{directory.name}.review.sqlite")


def hand_out(
    directory: Path,
    out: Path,
    wanted: Wanted,
    rule: NonResponse | None,
    *,
    history: Sequence[Path],
    store: Path | None,
    at: datetime,
) -> Handed:
    """Write the work lists of a sample into the folder `out`.

    `rule` is what cases without an answer will count as: it is fixed with the first list, and another one is refused
    later. Raises InputError, OutputError.
    """
    _check(wanted)
    drawn = read_drawn(directory)
    nights = nights_of(drawn, history)
    standing = standing_claims(nights, LEDGER_COLUMNS)
    path = store or default_store(directory)
    _prepare_store(path, drawn, standing, rule, wanted.who, at)
    groups, auditor = _shared_out(drawn, wanted)
    with open_store(path) as kept:
        opened = _opened(kept, drawn, nights) if wanted.hints else None
        key = None if wanted.pseudonym_key is None else pseudonym_key(wanted.pseudonym_key)
        lang = language(wanted.lang)
        work = work_list(drawn, standing, auditor, Insured(key, wanted.show_insured), opened, lang)
        ids: list[Id] = work.cases["case_id"].to_pylist()
        kept.exported(
            "open" if wanted.hints else "blind", wanted.who, wanted.role, ids, at, hints=wanted.hints
        )
    make_private(out)
    files: list[Path] = []
    names = sorted({groups[case] for case in ids})
    for number, name in enumerate(names, 1):
        part = _part(work, {case for case in ids if groups[case] == name})
        stem = f"worklist-{number:02d}-{_file_name(name)}" if name else "worklist"
        contents = {"xlsx": as_xlsx(part, lang), "csv": as_csv(part, lang), "parquet": as_parquet(part)}
        for suffix, content in contents.items():
            files.append(out / f"{stem}.{suffix}")
            put(files[-1], content)
    return Handed(files, len(ids), path)


def _opened(kept: Store, drawn: Drawn, nights: Sequence[Path]) -> Opened:
    """What may be shown: of the cases whose first outcome is stored."""
    first: dict[Id, str] = {}
    for record in kept.outcomes():
        first.setdefault(record.review.case_id, str(record.review.outcome))
    claim_ids = pc.list_flatten(drawn.sample["claim_ids"].combine_chunks())
    return Opened(first, anomalies_of(nights, claim_ids))


def _check(wanted: Wanted) -> None:
    if wanted.split not in SPLITS:
        raise InputError(f"split: found {wanted.split!r}, expected one of {', '.join(SPLITS)}")
    if wanted.role not in ROLES:
        raise InputError(f"role: found {wanted.role!r}, expected one of {', '.join(ROLES)}")
    if wanted.show_insured and wanted.role not in SEES_PERSONS:
        raise InputError(
            f"insured ids: found role {wanted.role}, expected {', '.join(SEES_PERSONS)} to see them openly"
        )
    if wanted.split == "auditor" and not wanted.auditors:
        raise InputError("auditors: found none, expected their names to share the cases out among")


def _prepare_store(
    path: Path, drawn: Drawn, standing: pa.Table, rule: NonResponse | None, who: str, at: datetime
) -> None:
    """Make the store with the first list; later, check that it is of this sample and this rule."""
    if not path.exists():
        from daatgal.extrapolation import NonResponse

        rule = rule or NonResponse()
        facts = {
            "sample_run_hash": drawn.run_hash,
            "month": drawn.month,
            "whole_ids": drawn.whole_ids,
            "cannot_determine": str(rule.cannot_determine),
            "not_reviewed": str(rule.not_reviewed),
            "created_at": at.isoformat(),
            "created_by": who,
        }
        create_store(path, facts, _claims(drawn, standing))
        return
    with open_store(path) as kept:
        facts = kept.facts
        if facts["sample_run_hash"] != drawn.run_hash:
            raise InputError(
                f"{path}: is the store of another sample, of {facts['month']}; expected {drawn.directory}'s"
            )
        fixed = (facts["cannot_determine"], facts["not_reviewed"])
        if rule is not None and (str(rule.cannot_determine), str(rule.not_reviewed)) != fixed:
            raise InputError(
                f"rule for non-response: found {rule.cannot_determine}, {rule.not_reviewed}, "
                f"expected {', '.join(fixed)}, which was fixed on {facts['created_at']}"
            )


def _claims(drawn: Drawn, standing: pa.Table) -> list[tuple[Id, Id, int, int]]:
    """claim, case, fund's part and copayment of every drawn claim; InputError where they are not those of the draw."""
    cases = drawn.cases()
    row_of = pc.index_in(
        pc.list_flatten(drawn.sample["claim_ids"].combine_chunks()), standing["claim_id"].combine_chunks()
    )
    if row_of.null_count:
        raise InputError(
            "history: found not every drawn claim, expected the nights that the sample was drawn from"
        )
    rows = standing.select(["claim_id", "fund_mnt", "copay_mnt"]).take(row_of).to_pylist()
    found = [
        (row["claim_id"], cases.case_of[row["claim_id"]], row["fund_mnt"], row["copay_mnt"]) for row in rows
    ]
    paid = dict.fromkeys(cases.fund_mnt, 0)
    for _, case, fund_mnt, _ in found:
        paid[case] += fund_mnt
    for case, amount in cases.fund_mnt.items():
        if paid[case] != amount:
            raise InputError(
                f"history: found {paid[case]} paid for case {case!r}, expected {amount} as when it was drawn"
            )
    return found


def _shared_out(drawn: Drawn, wanted: Wanted) -> tuple[Mapping[Id, str], Mapping[Id, str]]:
    """(which list, which auditor) of every drawn case, so that a later list of some of them says the same."""
    sample = drawn.sample
    cases: list[Id] = sample["case_id"].to_pylist()
    if wanted.split == "auditor":
        names = share_among(wanted.auditors, cases, sample["amount_mnt"].to_pylist())
        auditor = dict(zip(cases, names, strict=True))
        return auditor, auditor
    if wanted.split == "none":
        groups = [""] * len(cases)
        names = (
            share_among(wanted.auditors, cases, sample["amount_mnt"].to_pylist())
            if wanted.auditors
            else groups
        )
    else:
        column = "region" if wanted.split == "region" else "facility_id"
        groups = [str(value) for value in sample[column].to_pylist()]
        names = share_groups(wanted.auditors, groups) if wanted.auditors else []
    return dict(zip(cases, groups, strict=True)), {
        case: name for case, name in zip(cases, names, strict=False) if name
    }


def _part(work: WorkList, cases: set[Id]) -> WorkList:
    return WorkList(
        *(
            table.filter(pc.is_in(table["case_id"], value_set=_array(cases, table)))
            for table in (work.cases, work.claims)
        )
    )


def _array(cases: set[Id], table: pa.Table) -> pa.Array:
    import pyarrow as pa

    return pa.array(sorted(cases, key=str), table.schema.field("case_id").type)


def _file_name(name: str) -> str:
    return "".join(letter if letter.isalnum() or letter in "-_" else "_" for letter in name)[:60]
