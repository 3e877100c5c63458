"""Does a run come out the same again? For a third party, who has the inputs and trusts nobody.

In: the folder of a run, where its inputs are, and the run itself as a function of a folder. Out: findings, each naming
what differs; none where every part has the same bytes and the run the same hash. No kernel lives here.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from daatgal.outputs.identity import hash_path
from daatgal.outputs.manifest import MANIFEST, Content, read_manifest
from daatgal.outputs.verify import verify

COMPARED = ("identity", "control_totals", "withheld", "run_hash")


@dataclass(frozen=True, slots=True)
class Replay:
    """What was compared, and what was found different."""

    run_hash: str | None
    parts: int
    findings: tuple[str, ...]

    @property
    def ok(self) -> bool:
        """Nothing differs."""
        return not self.findings


@dataclass(frozen=True, slots=True)
class Given:
    """What whoever replays a run holds of its inputs."""

    files: Mapping[str, Path]
    """by role: claims, facilities, insured, decisions, design"""
    book_hash: str
    previous_run: str | None
    model_hash: str | None = None
    """of a model that is given; None: none is, or the run trained its own"""


def replay(directory: Path, given: Given, rerun: Callable[[Path], Content], work: Path) -> Replay:
    """Make the run of `directory` again in the empty folder `work`, and compare the two.

    `rerun` writes the run into the folder that it is given and returns its manifest. It is called only where the folder
    is whole and the inputs are those that its manifest names.
    """
    whole = verify(directory)
    if not whole.ok:
        return Replay(whole.run_hash, 0, whole.findings)
    content = read_manifest(directory)
    findings = _input_findings(content, given)
    if findings:
        return Replay(content["run_hash"], 0, tuple(findings))
    again = rerun(work)
    return Replay(content["run_hash"], len(content["parts"]), tuple(_differences(content, again)))


def _input_findings(content: Content, given: Given) -> list[str]:
    """Inputs that are missing, too many, or not those of the run."""
    named = {file["role"]: file for file in content["inputs"]}
    findings = [
        f"{role}: the run had none, found {path}" for role, path in given.files.items() if role not in named
    ]
    for role, file in named.items():
        path = given.files.get(role)
        if path is None:
            findings.append(f"{role}: the run had {file['name']} (sha256 {file['sha256']}), found none")
            continue
        found = hash_path(path)
        if found != file["sha256"]:
            findings.append(f"{role}: {path} has sha256 {found}, expected {file['sha256']} ({file['name']})")
    if given.book_hash != content["book"]["sha256"]:
        findings.append(
            f"tariff: the book has sha256 {given.book_hash}, expected {content['book']['sha256']} "
            f"({content['book']['name']})"
        )
    if given.model_hash != content["model"]:
        findings.append(f"model: it has sha256 {given.model_hash}, expected {content['model']}")
    if given.previous_run != content["previous_run"]:
        findings.append(
            f"history: its newest run is {given.previous_run}, expected {content['previous_run']}"
        )
    program = content["program"]["version"]
    if program != version("daatgal"):
        findings.append(f"program: the run was made by version {program}, this is {version('daatgal')}")
    return findings


def _differences(content: Content, again: Content) -> list[str]:
    parts, others = ({part["path"]: part for part in found["parts"]} for found in (content, again))
    findings = [f"{path}: was not written again" for path in parts if path not in others]
    findings += [f"{path}: was written now, and not then" for path in others if path not in parts]
    findings += [
        f"{path}: came out as sha256 {others[path]['sha256']}, expected {part['sha256']}"
        for path, part in parts.items()
        if path in others and part["sha256"] != others[path]["sha256"]
    ]
    findings += [f"{MANIFEST}: {name} differs" for name in COMPARED if content[name] != again[name]]
    if findings and content["libraries"] != again["libraries"]:
        findings.append(
            f"libraries differ, and may be why: {_changed(content['libraries'], again['libraries'])}"
        )
    return findings


def _changed(before: dict[str, Any], after: dict[str, Any]) -> str:
    return ", ".join(
        f"{name} {before.get(name)} → {after.get(name)}"
        for name in sorted(before.keys() | after.keys())
        if before.get(name) != after.get(name)
    )
