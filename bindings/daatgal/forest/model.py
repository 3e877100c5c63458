"""The model file: a forest as arrays and metadata, with its own hash; loading one runs no code.

In: a `Forest` with the names, versions and training window of its features, and its training scores. Out: a file,
and the same model read back.

A model file is an Arrow IPC stream of one row (each array of `Nodes`, and the score quantiles, is one list), the
rest in the schema's metadata as JSON, and after the stream a last line with its SHA-256. Any Arrow reader opens it.
"""

import hashlib
import json
import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from daatgal.forest.check import ModelError, check_nodes
from daatgal_engine.columns import F64
from daatgal_engine.forest import Forest, Nodes, assemble

QUANTILES = 1001
_SEAL = b"\ndaatgal-forest-1 sha256:"
_SEAL_BYTES = len(_SEAL) + 64 + 1
_METADATA = b"daatgal-forest"
_TYPES = {
    "tree_start": pa.uint32(),
    "feature": pa.uint16(),
    "threshold": pa.float32(),
    "left": pa.uint32(),
    "right": pa.uint32(),
    "training_rows": pa.uint32(),
    "mean_path": pa.float64(),
    "score_quantile": pa.float64(),
}


@dataclass(frozen=True)
class TrainingWindow:
    """What a forest was trained on."""

    first_day: str
    """ISO date of the first and last day of service; empty where the rows carry no dates"""
    last_day: str
    rows: int
    """rows of the window, of which each tree saw a sample"""
    on_itself: bool = False
    """the first run without history trains on the batch that it scores"""


@dataclass(frozen=True)
class ForestModel:
    """A forest that knows its features and how its training rows scored."""

    forest: Forest
    feature_names: tuple[str, ...]
    feature_versions: tuple[str, ...]
    """one for each feature: scores are comparable only where the features' definitions are the same"""
    window: TrainingWindow
    score_quantile: F64
    """QUANTILES training scores, ascending, from the least to the greatest"""

    def percentile(self, score: F64) -> F64:
        """The share of training scores up to each score, 0 to 100: it does not depend on the batch scored."""
        quantile = self.score_quantile
        above = np.searchsorted(quantile, score, side="right")
        high = np.clip(above, 1, quantile.size - 1)
        low = quantile[high - 1]
        width = quantile[high] - low
        part = np.divide(score - low, width, out=np.zeros_like(score), where=width > 0)
        percentile = (high - 1 + np.clip(part, 0.0, 1.0)) * (100.0 / (quantile.size - 1))
        return np.where(above == 0, 0.0, np.where(above == quantile.size, 100.0, percentile))


def describe(
    forest: Forest,
    feature_names: Sequence[str],
    feature_versions: Sequence[str],
    window: TrainingWindow,
    training_scores: F64,
) -> ForestModel:
    """A model of a forest and the scores of its training rows (any number, at least one)."""
    if training_scores.size == 0:
        raise ModelError("model: no training scores, expected at least one: a percentile needs them")
    quantile = np.quantile(training_scores, np.linspace(0.0, 1.0, QUANTILES))
    model = ForestModel(forest, tuple(feature_names), tuple(feature_versions), window, quantile)
    _check(model, "model")
    return model


def save(model: ForestModel, path: Path) -> str:
    """Write the model file, whole or not at all; returns its SHA-256 (hex)."""
    arrays: dict[str, npt.NDArray[Any]] = {name: getattr(model.forest, name) for name in Nodes._fields}
    arrays["score_quantile"] = model.score_quantile
    metadata = {
        "features": model.feature_names,
        "feature_versions": model.feature_versions,
        "sample_rows": model.forest.sample_rows,
        "window": asdict(model.window),
    }
    fields = [pa.field(name, pa.large_list(kind), nullable=False) for name, kind in _TYPES.items()]
    schema = pa.schema(fields, metadata={_METADATA: json.dumps(metadata, ensure_ascii=False).encode()})
    lists = [_one_list(arrays[name], kind) for name, kind in _TYPES.items()]
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, schema) as writer:
        writer.write_batch(pa.record_batch(lists, schema=schema))
    stream = sink.getvalue().to_pybytes()
    digest = hashlib.sha256(stream).hexdigest()
    unfinished = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    with unfinished.open("wb") as file:
        file.write(stream + _SEAL + digest.encode() + b"\n")
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(path)
    return digest


def unseal(content: bytes, path: Path) -> tuple[bytes, str]:
    """The Arrow stream of a model file's bytes, and its SHA-256. Raises `ModelError` where a byte was changed."""
    stream, seal = content[:-_SEAL_BYTES], content[-_SEAL_BYTES:]
    if not seal.startswith(_SEAL) or not seal.endswith(b"\n"):
        raise ModelError(f"{path}: no seal at its end, expected a model file written by daatgal")
    stated, found = seal[len(_SEAL) : -1].decode("ascii", "replace"), hashlib.sha256(stream).hexdigest()
    if stated != found:
        raise ModelError(
            f"{path}: its content has SHA-256 {found}, its seal says {stated}: the file was changed"
        )
    return stream, found


def load(path: Path, sha256: str | None = None) -> ForestModel:
    """Read a model file. Raises `ModelError` where a byte was changed, the hash is not `sha256`, or it is no forest."""
    stream, found = unseal(path.read_bytes(), path)
    if sha256 is not None and sha256 != found:
        raise ModelError(f"{path}: model {found}, expected model {sha256}")
    try:
        table = pa.ipc.open_stream(stream).read_all()
        table.validate(full=True)
        metadata = json.loads((table.schema.metadata or {})[_METADATA])
        names, versions = tuple(metadata["features"]), tuple(metadata["feature_versions"])
        window, sample_rows = TrainingWindow(**metadata["window"]), int(metadata["sample_rows"])
    except (pa.ArrowException, KeyError, TypeError, ValueError) as error:
        raise ModelError(f"{path}: sealed, but not a forest model of this version: {error}") from error
    arrays = {name: _array(table, name, kind, path) for name, kind in _TYPES.items()}
    nodes = Nodes(*(arrays[name] for name in Nodes._fields))
    check_nodes(nodes, len(names), sample_rows)
    forest = assemble(nodes, len(names), sample_rows)
    model = ForestModel(forest, names, versions, window, arrays["score_quantile"])
    _check(model, str(path))
    return model


def _one_list(values: npt.NDArray[Any], kind: pa.DataType) -> Any:
    return pa.LargeListArray.from_arrays(pa.array([0, values.size], pa.int64()), pa.array(values, kind))


def _array(table: pa.Table, name: str, kind: pa.DataType, path: Path) -> npt.NDArray[Any]:
    if (
        table.num_rows != 1
        or name not in table.column_names
        or table.schema.field(name).type != pa.large_list(kind)
    ):
        raise ModelError(f"{path}: expected one row with a list of {kind} in column {name}")
    lists: Any = table.column(name).combine_chunks()
    values = lists.flatten()
    if values.null_count:
        raise ModelError(f"{path}: column {name} has nulls, expected none")
    return values.to_numpy(zero_copy_only=True)


def _check(model: ForestModel, where: str) -> None:
    names: tuple[Any, ...] = model.feature_names
    versions: tuple[Any, ...] = model.feature_versions
    quantile = model.score_quantile
    if len(names) != model.forest.features or len(set(names)) != len(names):
        raise ModelError(
            f"{where}: {len(set(names))} feature names, expected {model.forest.features} distinct ones"
        )
    if len(versions) != len(names):
        raise ModelError(f"{where}: {len(versions)} feature versions, expected {len(names)}")
    if not all(isinstance(text, str) for text in (*names, *versions)):
        raise ModelError(f"{where}: a feature name or version is no text")
    if quantile.shape != (QUANTILES,) or not (np.isfinite(quantile).all() and (np.diff(quantile) >= 0).all()):
        raise ModelError(
            f"{where}: the training scores' quantiles must be {QUANTILES} finite, ascending numbers"
        )
