"""The model folder: everything that a score is a function of, besides the claims.

In: a trained forest, the aggregates that its features read, how the training claims were distributed. Out: a folder
with `forest.arrow`, `aggregates/` and `model.json`, which names the hash of each of the others and carries one over all
of it; and the same model read back. It holds arrays and text only: loading one runs no code. No kernel lives here.

The folder is written under another name and renamed: it is there whole or not at all.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast

import numpy as np

from daatgal import forest as forests
from daatgal.errors import InputError, OutputError
from daatgal.features import FEATURES, Aggregates
from daatgal.forest import ForestModel, ModelError
from daatgal.outputs.commit import disk_errors, sync_folder, write_synced
from daatgal.outputs.identity import hash_path
from daatgal.scoring.drift import PERCENTS, Distribution

CONTENT = "model.json"
FOREST = "forest.arrow"
AGGREGATES = "aggregates"
FORMAT = 1
SCORE = "score"
"""The name under which the distribution of the training scores is kept, beside those of the features."""


@dataclass(frozen=True)
class Model:
    """What scores claims: trained once, the same ever after."""

    forest: ForestModel
    aggregates: Aggregates
    distributions: dict[str, Distribution]
    """of each feature over the training claims, and of their `score`"""
    seed: int
    trained_by: dict[str, str]
    """the versions of the libraries that fitted the forest"""
    sha256: str = ""
    """of all of it; empty while it is being made"""

    def describe(self) -> dict[str, Any]:
        """What a manifest says of the model, next to its hash."""
        forest = self.forest
        return {
            "first_day": forest.window.first_day,
            "last_day": forest.window.last_day,
            "training_claims": forest.window.rows,
            "on_itself": forest.window.on_itself,
            "seed": self.seed,
            "trees": int(forest.forest.tree_start.size) - 1,
            "features": dict(zip(forest.feature_names, forest.feature_versions, strict=True)),
            "trained_by": self.trained_by,
        }


def save_model(model: Model, folder: Path) -> str:
    """Write the model folder; returns its hash. The same model again changes nothing.

    Raises OutputError where the folder holds anything else, or where the disk fails.
    """
    unfinished = folder.with_name(f".{folder.name}.{os.getpid()}.tmp")
    with disk_errors(folder):
        folder.parent.mkdir(parents=True, exist_ok=True)
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir(mode=0o700)
    try:
        with disk_errors(folder):
            digest = _write(model, unfinished)
            if folder.exists():
                _refuse_another(folder, digest)
                return digest
            unfinished.chmod(0o755)
            unfinished.rename(folder)
            sync_folder(folder.parent)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
    return digest


def named(model: Model) -> Model:
    """The model with its hash, which its folder will have as well."""
    with tempfile.TemporaryDirectory(prefix="daatgal-model-") as scratch:
        return replace(model, sha256=_write(model, Path(scratch)))


def load_model(folder: Path) -> Model:
    """The model of a folder.

    Raises ModelError naming the file that is missing, changed, or no part of it.
    """
    where = folder / CONTENT
    content = _content(where)
    listed: dict[str, str] = content.get("files", {})
    for name, sha256 in listed.items():
        if (found := _hash(folder / name)) != sha256:
            raise ModelError(
                f"{folder / name}: its bytes changed: expected sha256 {sha256} of {CONTENT}, found {found}"
            )
    unlisted = [name for name in _files(folder) if name not in listed]
    if unlisted:
        raise ModelError(f"{folder / unlisted[0]}: is no part of the model: {CONTENT} does not list it")
    try:
        forest = forests.load(folder / FOREST)
        distributions = {
            name: Distribution(np.array(kept["percentile"]), np.array(kept["reached"]), int(kept["claims"]))
            for name, kept in content["distributions"].items()
        }
        model = Model(
            forest,
            Aggregates.load(folder / AGGREGATES),
            distributions,
            int(content["seed"]),
            dict(content["trained_by"]),
            content["sha256"],
        )
    except (KeyError, TypeError, ValueError) as error:
        raise ModelError(f"{where}: is not the content of a model of this version: {error}") from error
    missing = {*forest.feature_names, SCORE} ^ distributions.keys()
    if missing or any(kept.percentile.shape != (PERCENTS,) for kept in distributions.values()):
        raise ModelError(
            f"{where}: expected {PERCENTS} percentiles of each feature and of the score, "
            f"found others{f' for {min(missing)}' if missing else ''}"
        )
    _refuse_other_features(model, folder)
    return model


def _refuse_other_features(model: Model, folder: Path) -> None:
    known = {feature.name: feature.version for feature in FEATURES}
    trained = dict(zip(model.forest.feature_names, model.forest.feature_versions, strict=True))
    if tuple(known.items()) != tuple(trained.items()):
        differ = sorted(
            name for name in known.keys() | trained.keys() if known.get(name) != trained.get(name)
        )
        raise ModelError(
            f"{folder}: its features are others than this version computes, in {', '.join(differ) or 'their order'}; "
            "expected a model trained by this version: run `daatgal train` again"
        )


def _write(model: Model, folder: Path) -> str:
    forests.save(model.forest, folder / FOREST)
    model.aggregates.save(folder / AGGREGATES)
    content = {
        "format": FORMAT,
        "files": {name: _hash(folder / name) for name in _files(folder)},
        "seed": model.seed,
        "trained_by": model.trained_by,
        "window": model.describe(),
        "distributions": {
            name: {
                "percentile": kept.percentile.tolist(),
                "reached": kept.reached.tolist(),
                "claims": kept.claims,
            }
            for name, kept in model.distributions.items()
        },
    }
    digest = _digest(content)
    write_synced(folder / CONTENT, _render(content | {"sha256": digest}))
    for inner in sorted({path.parent for path in folder.rglob("*")}):
        sync_folder(inner)
    return digest


def _content(where: Path) -> dict[str, Any]:
    try:
        spelling = where.read_bytes()
        content: Any = json.loads(spelling)
        whole = _render(content) == spelling
        stated = content.pop("sha256")
        found, kind = _digest(content), content["format"]
    except FileNotFoundError:
        raise ModelError(f"{where.parent}: has no {CONTENT}; expected a folder of `daatgal train`") from None
    except OSError as error:
        raise ModelError(f"{where}: cannot be read ({error.strerror})") from error
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise ModelError(f"{where}: is not the {CONTENT} of a model ({error})") from error
    if stated != found or not whole:
        raise ModelError(f"{where}: its content has hash {found}, it says {stated}: the file was changed")
    if kind != FORMAT:
        raise ModelError(f"{where}: has format {kind!r}; this version reads format {FORMAT}")
    return cast("dict[str, Any]", content) | {"sha256": stated}


def _refuse_another(folder: Path, digest: str) -> None:
    try:
        there = _content(folder / CONTENT)["sha256"]
    except ModelError as error:
        raise OutputError(f"{folder}: is there already and holds no model; choose another --out") from error
    if there != digest:
        raise OutputError(
            f"{folder}: holds another model ({there[:12]}, and this one is {digest[:12]}); "
            "a model is never overwritten: choose another --out"
        )


def _files(folder: Path) -> list[str]:
    """Every file of the folder but `model.json`, in name order."""
    paths = (path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    return sorted(name for name in paths if name != CONTENT)


def _hash(path: Path) -> str:
    try:
        return hash_path(path)
    except InputError as error:
        raise ModelError(f"{error}; expected a whole model folder") from error


def _render(content: dict[str, Any]) -> bytes:
    return (json.dumps(content, ensure_ascii=False, indent=2) + "\n").encode()


def _digest(content: dict[str, Any]) -> str:
    spelling = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(spelling.encode()).hexdigest()
