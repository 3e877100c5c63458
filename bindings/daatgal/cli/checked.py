"""What a check came to: a sentence where all is well, every finding where it is not, or both as JSON.

In: what was checked, what a check found. Out: words, and exit code 1 where there is a finding. No kernel lives here.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

import typer

from daatgal.cli.reporting import ExitCode, print_json


class Checked(Protocol):
    """The outcome of a check."""

    @property
    def ok(self) -> bool:
        """Whether nothing was found."""
        ...

    @property
    def findings(self) -> Sequence[str]:
        """What is not as it should be."""
        ...


def say(directory: Path, found: Checked, whole: str, facts: dict[str, Any], *, as_json: bool) -> None:
    """Say `whole` of the directory, or every finding; as JSON with the `facts`. Raises Exit if there is one."""
    if as_json:
        print_json({"directory": str(directory), "ok": found.ok} | facts | {"findings": list(found.findings)})
    elif found.ok:
        typer.echo(f"{directory}: {whole}")
    else:
        for finding in found.findings:
            typer.echo(f"daatgal: {finding}", err=True)
    if not found.ok:
        raise typer.Exit(ExitCode.FAILED)
