"""What is wrong with a tariff book, said so that whoever edits the spreadsheet can put it right.

In: findings of the loader, one at a time. Out: one TariffError that lists them by file and line.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from daatgal.errors import TariffError

if TYPE_CHECKING:
    from pathlib import Path

MOST_LISTED = 20
"""How many problems one error lists; a wrong column can spoil every line, and nobody reads a thousand."""


class Problem(NamedTuple):
    """One refusal: where it is, what was found there, and what was expected instead."""

    file: str
    line: int | None
    found: str
    expected: str

    def __str__(self) -> str:
        where = self.file if self.line is None else f"{self.file} line {self.line}"
        return f"{where}: found {self.found}; expected {self.expected}"


class Problems:
    """The problems found so far in one book."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._found: list[Problem] = []

    def add(self, file: str, line: int | None, found: str, expected: str) -> None:
        """Note a problem; line is None where the file as a whole is meant."""
        self._found.append(Problem(file, line, found, expected))

    def refuse(self) -> None:
        """Raise TariffError if there is any problem, with the first MOST_LISTED of them, by file and line."""
        if not self._found:
            return
        ordered = sorted(dict.fromkeys(self._found), key=lambda problem: (problem.file, problem.line or 0))
        lines = [f"  {problem}" for problem in ordered[:MOST_LISTED]]
        if len(ordered) > MOST_LISTED:
            lines.append(f"  … and {len(ordered) - MOST_LISTED} more")
        count = "1 problem" if len(ordered) == 1 else f"{len(ordered)} problems"
        raise TariffError(f"the tariff book {self._folder} is refused, {count}:\n" + "\n".join(lines))
