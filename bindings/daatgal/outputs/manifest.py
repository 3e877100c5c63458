"""The manifest: what a run was made from, what it wrote, and two hashes over that.

In: the identity of a run, its parts and its totals. Out: ``manifest.json``, in one canonical spelling, so that any
changed byte shows. `run_hash` names the run in chains: it covers all that follows from the inputs, and leaves out
what may differ between two runs of the same (timings, library versions, file names) and what may happen to a run
later (its release). `seal` covers everything. No kernel lives here.
"""

import hashlib
import json
import platform
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any, cast

from daatgal.errors import OutputError
from daatgal.outputs.identity import RunIdentity

MANIFEST = "manifest.json"
TABLES = (
    "ledger",
    "quarantine",
    "adjustments",
    "summary",
    "scores",
    "drift",
    "frame",
    "sample",
    "state",
    "ids",
    "cabinet_days",
)
"""What a run may hold, each a folder of parts."""
FORMAT = 1
LIBRARIES = ("numba", "numpy", "pyarrow", "scikit-learn")
NOT_IN_RUN_HASH = ("libraries", "timings", "held", "releases", "run_hash", "seal")

Content = dict[str, Any]


def compose(
    identity: RunIdentity,
    *,
    input_rows: Mapping[str, int],
    parts: Sequence[Mapping[str, Any]],
    control_totals: Mapping[str, Any],
    withheld: bool,
    timings: Mapping[str, Any],
) -> Content:
    """The sealed manifest of a finished run; `input_rows` gives the rows of each role that is a table."""
    content: Content = {
        "format": FORMAT,
        "program": {"name": "daatgal", "version": version("daatgal")},
        "libraries": {"python": platform.python_version()} | {name: version(name) for name in LIBRARIES},
        "identity": identity.digest(),
        "inputs": [
            {"role": file.role, "name": file.name, "sha256": file.sha256, "rows": input_rows.get(file.role)}
            for file in identity.inputs
        ],
        "book": {"name": identity.book, "sha256": identity.book_hash},
        "model": identity.model_hash,
        "parameters": dict(identity.parameters),
        "previous_run": identity.previous_run,
        "parts": [dict(part) for part in parts],
        "control_totals": dict(control_totals),
        "withheld": withheld,
        "held": withheld,
        "releases": [],
        "timings": dict(timings),
    }
    content["run_hash"] = run_hash(content)
    return sealed(content)


def run_hash(content: Content) -> str:
    """The hash that names a run: the same inputs give the same, on any day and machine."""
    named = {key: value for key, value in content.items() if key not in NOT_IN_RUN_HASH}
    files = cast("list[Content]", named["inputs"])
    named["inputs"] = [{key: value for key, value in file.items() if key != "name"} for file in files]
    return _digest(named)


def sealed(content: Content) -> Content:
    """The same content with its seal: the hash of everything but the seal itself."""
    rest = {key: value for key, value in content.items() if key != "seal"}
    return rest | {"seal": _digest(rest)}


def render(content: Content) -> bytes:
    """The one spelling of a manifest."""
    return (json.dumps(content, ensure_ascii=False, indent=2) + "\n").encode()


def parse(spelling: bytes, where: Path) -> Content:
    """Read a manifest and check its two hashes and its spelling."""
    try:
        content: object = json.loads(spelling)
    except ValueError as error:
        message = f"{where}: is not JSON ({error}); expected a manifest that daatgal wrote"
        raise OutputError(message) from error
    if not isinstance(content, dict) or "seal" not in content:
        message = f"{where}: has no seal; expected a manifest that daatgal wrote"
        raise OutputError(message)
    manifest = cast("Content", content)
    if manifest.get("format") != FORMAT:
        message = f"{where}: has format {manifest.get('format')!r}; this version reads format {FORMAT}"
        raise OutputError(message)
    if sealed(manifest)["seal"] != manifest["seal"] or render(manifest) != spelling:
        message = f"{where}: was changed after it was written: its seal does not fit its content"
        raise OutputError(message)
    if run_hash(manifest) != manifest["run_hash"]:
        message = f"{where}: its run_hash does not fit its content"
        raise OutputError(message)
    if manifest["held"] != (manifest["withheld"] and not manifest["releases"]):
        message = f"{where}: says held = {manifest['held']}, which its releases contradict"
        raise OutputError(message)
    return manifest


def read_manifest(directory: Path) -> Content:
    """The manifest of a results folder, its integrity checked; the parts are `verify`'s."""
    where = directory / MANIFEST
    try:
        spelling = where.read_bytes()
    except FileNotFoundError as error:
        message = f"{directory}: has no {MANIFEST}; expected the folder of a finished run"
        raise OutputError(message) from error
    except OSError as error:
        message = f"{where}: cannot be read ({error.strerror})"
        raise OutputError(message) from error
    return parse(spelling, where)


def _digest(content: Content) -> str:
    spelling = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(spelling.encode()).hexdigest()
