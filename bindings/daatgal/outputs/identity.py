"""What a run is made from, and the hash that says whether two runs are the same.

In: files, a tariff book, parameters. Out: one SHA-256 over all of them, known before the first claim is read.
No kernel lives here.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path

from daatgal.errors import InputError

Scalar = str | int | bool | None
"""What a parameter may be: a float would print differently on another machine."""


@dataclass(frozen=True, slots=True)
class InputFile:
    """One input: `role` is what the run used it as (claims, facilities, insured, decisions, …)."""

    role: str
    name: str
    """the file's own name without its folder: for people, no part of any hash"""
    sha256: str


@dataclass(frozen=True, slots=True)
class RunIdentity:
    """Everything that the results are a function of."""

    inputs: tuple[InputFile, ...]
    book: str
    """the tariff book's name"""
    book_hash: str
    parameters: Mapping[str, Scalar] = field(default_factory=dict[str, Scalar])
    model_hash: str | None = None
    previous_run: str | None = None
    """the run hash of the newest folder of the history"""

    def digest(self) -> str:
        """The hash of inputs (role and content), book, model, parameters, previous run and program version."""
        content = {
            "inputs": [[file.role, file.sha256] for file in self.inputs],
            "book": self.book_hash,
            "model": self.model_hash,
            "parameters": dict(self.parameters),
            "previous_run": self.previous_run,
            "program": version("daatgal"),
        }
        return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def hash_path(path: Path) -> str:
    """The SHA-256 of a file, or of a folder's files with their names, in name order; hidden files do not count."""
    if path.is_file():
        return _hash_file(path)
    if not path.is_dir():
        message = f"{path}: there is no such file or folder"
        raise InputError(message)
    digest = hashlib.sha256()
    names = sorted(file.relative_to(path).as_posix() for file in path.rglob("*") if file.is_file())
    for name in names:
        if not any(step.startswith(".") for step in name.split("/")):
            digest.update(f"{_hash_file(path / name)}  {name}\n".encode())
    return digest.hexdigest()


def _hash_file(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        message = f"{path}: cannot be read ({error.strerror})"
        raise InputError(message) from error
