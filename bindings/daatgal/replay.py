"""A night made again, from its manifest and its inputs.

In: the folder of a run, and where its inputs are. Out: what differs. The parameters are those of the manifest, so that
whoever replays a run need not know how it was called. No kernel lives here.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from daatgal.errors import InputError
from daatgal.nights.layers import newest_run
from daatgal.outputs import read_manifest
from daatgal.outputs.replay import Given, Replay, replay
from daatgal.pipeline import run_night
from daatgal.sampling.design import DEFAULT_DESIGN
from daatgal.sampling.month_to_close import MONTH, month_to_close
from daatgal.scoring.model import load_model
from daatgal.scoring.settings import Scoring, Training
from daatgal.tariff import load_tariff

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from daatgal.outputs.manifest import Content


def replay_night(
    directory: Path,
    *,
    work: Path,
    claims: str | Path,
    facilities: str | Path,
    tariff: str | Path,
    progress: Callable[[str], None],
    insured: str | Path | None = None,
    history: Sequence[Path] = (),
    decisions: str | Path | None = None,
    design: Path | None = None,
    key_file: Path | None = None,
    previous_sample: Path | None = None,
    model: Path | None = None,
) -> Replay:
    """Make the night of `directory` again in the new folder `work` and compare every part.

    `model` is for a night that was scored with a given one; `design`, `key_file` and `previous_sample` are for one that
    closed a month. Raises InputError where the folder
    is not that of a night, or its draw is to be made again without a key file.
    """
    parameters = read_manifest(directory)["parameters"]
    if "held_share_bp" not in parameters:
        raise InputError(
            f"{directory}: is not the folder of a night; a sample of its own is derived again by "
            "`daatgal verify-sample`"
        )
    month = parameters.get(MONTH) or ""
    files = {
        "claims": claims,
        "facilities": facilities,
        "insured": insured,
        "decisions": decisions,
        "design": (design or DEFAULT_DESIGN) if month else design,
    }

    def again(folder: Path) -> Content:
        as_of = parameters["as_of"]
        return run_night(
            claims=claims,
            facilities=facilities,
            tariff=tariff,
            out=folder,
            insured=insured,
            history=history,
            decisions=decisions,
            as_of=None if as_of is None else date.fromisoformat(as_of),
            held_share=parameters["held_share_bp"],
            scoring=_scoring(parameters, model),
            closing=month_to_close(month, key_file, design, previous_sample, history),
            progress=progress,
        ).manifest

    given = Given(
        {role: Path(path) for role, path in files.items() if path is not None},
        load_tariff(tariff).sha256,
        newest_run(history),
        None if model is None else load_model(model).sha256,
    )
    return replay(directory, given, again, work)


def _scoring(parameters: dict[str, Any], model: Path | None) -> Scoring | None:
    """How the night was scored, as its parameters say; None where it was not."""
    if "scoring" not in parameters:
        return None
    if model is not None:
        return Scoring(model, parameters["reasons_percentile"])
    training = Training(**{name: parameters[name] for name in Training._fields})
    return Scoring(None, parameters["reasons_percentile"], training)
