"""The flow, as the diagram of the design reads: claims → decode → messages → price → settle → ledger → score.

In: claims and the tables beside them, from files or any Arrow object. Out: `Settlement` and `Scored`, Arrow tables in
memory, or, by `run_night`, a folder of results. Nothing is written unless asked.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from daatgal.features import cabinet_days_table, facts_of_night
from daatgal.judging import judge, load_registers, registers_for
from daatgal.ledger import ledger_table
from daatgal.nights.adjustments import changes
from daatgal.nights.decisions import read_decisions, without_claim
from daatgal.nights.keep import ids_table, state_table, write_state
from daatgal.nights.layers import layers_of, newest_run
from daatgal.nights.news import news_of
from daatgal.nights.people import concerned
from daatgal.nights.recall import recall
from daatgal.outputs import InputFile, RunIdentity, hash_path, open_run, read_manifest
from daatgal.scoring.model import load_model
from daatgal.scoring.people import cabinet_days_of
from daatgal.scoring.scores import ScoringPass
from daatgal.scoring.training import NothingToLearnFromError, train_for
from daatgal.sources import read_table
from daatgal.stages import Stages, silent
from daatgal.summary import summary_table
from daatgal.tariff import load_tariff

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from daatgal.decode import Decoded
    from daatgal.features import Facts, JudgedNight
    from daatgal.judging import Registers
    from daatgal.nights.decisions import Decided
    from daatgal.outputs.identity import Scalar
    from daatgal.sampling.month_to_close import MonthToClose
    from daatgal.scoring.model import Model
    from daatgal.scoring.scores import Scored
    from daatgal.scoring.settings import Scoring
    from daatgal.sources import Source
    from daatgal.tariff.book import TariffBook

HELD_SHARE_BP = 500
"""More quarantined rows than this, in basis points of all, hold a run."""
WHOLE_BP = 10_000
BEFORE_ANY_CLAIM = date(1990, 1, 1)
"""The day of a night that has neither claims nor a history."""


@dataclass(frozen=True)
class Settlement:
    """What settling a batch gives: the tables of contract.md."""

    ledger: pa.Table
    quarantine: pa.Table
    adjustments: pa.Table
    """earlier claims of which any ledger column changed"""
    summary: pa.Table
    state: pa.Table
    """what later nights read: every judged claim with its outcome"""
    ids: pa.Table
    """hashes of the new claim ids"""
    cabinet_days: pa.Table
    """what the night adds to the counts of each cabinet's and doctor's day"""
    as_of: date
    """the day that decides which earlier years are closed"""
    held: bool
    """more than the allowed share of rows is in quarantine"""
    decisions_without_claim: pa.Array
    """claim ids of manual decisions that neither these claims nor earlier ones have: they changed nothing"""
    seconds: dict[str, float] = field(compare=False)
    """by stage"""


SETTLED_TABLES = ("ledger", "quarantine", "adjustments", "summary", "state", "ids", "cabinet_days")


@dataclass
class Batch:
    """What a night is made from, read."""

    claims: pa.Table
    registers: Registers
    """with the register of the insured whole, until the night knows whom it concerns"""
    decided: Decided | None
    history: Sequence[Settlement | Path | str]


@dataclass(frozen=True)
class Night:
    """A run on disk."""

    manifest: dict[str, Any]
    unchanged: bool
    """the same run was there already: nothing was written"""


def settle(
    claims: Source,
    *,
    facilities: Source,
    tariff: TariffBook | str | Path,
    insured: Source | None = None,
    history: Sequence[Settlement | Path | str] = (),
    decisions: Source | None = None,
    as_of: date | None = None,
    held_share_bp: int = HELD_SHARE_BP,
    progress: Callable[[str], None] = silent,
) -> Settlement:
    """Settle a night's claims together with the earlier claims of the same people.

    Every table may be a Parquet, Arrow IPC or CSV file, a folder of them, or any object with `__arrow_c_stream__`.
    `history` are earlier settlements or results folders, newest last. `as_of` is the last day on which a claim of this
    night was sent (or ended), unless given; of a night without claims, that of the night before. Raises InputError,
    TariffError, AmountError; a row that cannot be read is in `quarantine`, never an error.
    """
    stage = Stages(progress)
    with stage("reading"):
        batch = _read(claims, load_registers(facilities, tariff, insured), history, decisions)
    return _settled(batch, as_of, held_share_bp, stage)[0]


def _read(
    claims: Source,
    registers: Registers,
    history: Sequence[Settlement | Path | str],
    decisions: Source | None,
) -> Batch:
    decided = None if decisions is None else read_decisions(read_table(decisions), registers.book.timezone)
    return Batch(read_table(claims), registers, decided, history)


def _settled(
    batch: Batch, as_of: date | None, held_share_bp: int, stage: Stages
) -> tuple[Settlement, JudgedNight]:
    """A night's settlement, and the judged claims that its scores read."""
    with stage("recalling"):
        layers = layers_of(batch.history)
        asked = None if batch.decided is None else batch.decided.claim_id
        people = concerned(batch.claims, asked, layers)
        batch.registers = registers_for(batch.registers, people)
        recalled = recall(people, layers)
    night, manual = judge(batch.claims, batch.registers, recalled, batch.decided, stage)
    with stage("ledger"):
        decoded, earlier = night.decoded, night.earlier
        news = news_of(decoded, night.settled, night.book, manual, earlier)
        told = ledger_table(decoded, night.settled, night.book, news.rows)
        new = int(np.count_nonzero(decoded.rows >= 0))
        ledger = told.slice(0, new)
        as_of = as_of or _last_day(decoded, new) or (layers[-1].as_of if layers else BEFORE_ANY_CLAIM)
        before = None if earlier is None else earlier.filter(pa.array(news.rows[new:]))
        changed = changes(told.slice(new), before, as_of)
        settlement = Settlement(
            ledger=ledger,
            quarantine=decoded.quarantine,
            adjustments=changed.adjustments,
            summary=summary_table(ledger, *changed),
            state=state_table(decoded, told, manual, earlier, news),
            ids=ids_table(decoded),
            cabinet_days=cabinet_days_table(night),
            as_of=as_of,
            held=decoded.quarantine.num_rows * WHOLE_BP > held_share_bp * decoded.input_rows,
            decisions_without_claim=_strange(batch.decided, decoded),
            seconds=stage.seconds,
        )
    return settlement, night


def _strange(decided: Decided | None, decoded: Decoded) -> pa.Array:
    ids = decoded.table["claim_id"]
    return pa.array([], ids.type) if decided is None else without_claim(decided, ids)


def _last_day(decoded: Decoded, new: int) -> date | None:
    """The last day on which one of the new claims was sent, or ended."""
    times = decoded.table.select(["submitted_at", "end_at"]).slice(0, new)
    last = pc.max(pc.coalesce(times["submitted_at"], times["end_at"])).as_py()
    return None if last is None else last.date()


def _scored(
    batch: Batch,
    settlement: Settlement,
    facts: Facts,
    model: Model | None,
    scoring: Scoring,
    stage: Stages,
) -> Scored:
    """Features and scores of the night's claims that stand. Raises NothingToLearnFromError where they are too few."""
    book, facilities, _ = batch.registers
    on_itself = False
    if model is None:
        with stage("training"):
            model = train_for(settlement, batch.history, facilities, book, scoring.training)
            on_itself = model.forest.window.on_itself
    with stage("scoring"):
        rows = np.flatnonzero((facts.new != 0) & (facts.standing != 0))
        days = cabinet_days_of(batch.history)
        run = ScoringPass(model, days, book, scoring.reasons_percentile, counted=on_itself)
        run.add(facts, rows, settlement.ledger.select(["claim_id", "insured_id"]).take(pa.array(rows)))
        return run.done(settlement.ledger.schema)


def inputs_of(tables: dict[str, str | Path | None]) -> tuple[InputFile, ...]:
    """The files of a run by role, with their hashes."""
    return tuple(
        InputFile(role, Path(path).name, hash_path(Path(path)))
        for role, path in tables.items()
        if path is not None
    )


def run_night(
    *,
    claims: str | Path,
    facilities: str | Path,
    tariff: str | Path,
    out: Path,
    insured: str | Path | None = None,
    history: Sequence[Path] = (),
    decisions: str | Path | None = None,
    as_of: date | None = None,
    held_share: int = HELD_SHARE_BP,
    scoring: Scoring | None = None,
    closing: MonthToClose | None = None,
    progress: Callable[[str], None] = silent,
) -> Night:
    """Settle a night into the folder `out`, and score it where `scoring` is given.

    Whole or not at all; the same run again changes nothing. With `closing`, the night closes a month: its sample is
    drawn over the history and this night, into the same folder.
    """
    book = load_tariff(tariff)
    model = None if scoring is None or scoring.model is None else load_model(scoring.model)
    tables = {"claims": claims, "facilities": facilities, "insured": insured, "decisions": decisions}
    parameters: dict[str, Scalar] = {
        "held_share_bp": held_share,
        "as_of": None if as_of is None else as_of.isoformat(),
    }
    if scoring is not None:
        parameters |= scoring.parameters()
    if closing is not None:
        parameters |= closing.parameters()
    identity = RunIdentity(
        inputs_of(tables) + (() if closing is None else closing.inputs()),
        book.name,
        book.sha256,
        parameters,
        model_hash=None if model is None else model.sha256,
        previous_run=newest_run(history),
    )
    with open_run(out, identity) as run:
        if run is None:
            return Night(read_manifest(out), unchanged=True)
        stage = Stages(progress)
        with stage("reading"):
            batch = _read(claims, load_registers(facilities, book, insured), history, decisions)
        settlement, night = _settled(batch, as_of, held_share, stage)
        facts = None
        if scoring is not None:
            with stage("describing"):
                facts = facts_of_night(night)
        del night  # of all that was judged, scores read the facts alone
        totals: dict[str, Any] = {
            "adjustments": settlement.adjustments.num_rows,
            "as_of": settlement.as_of.isoformat(),
        }
        if len(settlement.decisions_without_claim):
            totals["decisions_without_claim"] = settlement.decisions_without_claim.to_pylist()
        parts = {name: getattr(settlement, name) for name in SETTLED_TABLES}
        if scoring is not None and facts is not None:
            try:
                scored = _scored(batch, settlement, facts, model, scoring, stage)
                parts |= {"scores": scored.scores, "drift": scored.drift}
                totals["scoring"] = scored.summary
            except NothingToLearnFromError as why:
                totals["scoring"] = {"model": None, "why": str(why)}
        if closing is not None:
            with stage("drawing"):
                closed = closing.close(settlement, facilities, parts.get("scores"))
            parts |= {"frame": closed.frame, "sample": closed.sample}
            totals["sample"] = closed.facts
        with stage("writing"):
            write_state(run, parts.pop("state"))
            for name, table in parts.items():
                run.write_table(name, table)
        manifest = run.finish(
            input_rows={"claims": settlement.ledger.num_rows + settlement.quarantine.num_rows},
            timings=stage.seconds,
            withheld=settlement.held,
            control_totals=totals,
        )
    return Night(manifest, unchanged=False)
