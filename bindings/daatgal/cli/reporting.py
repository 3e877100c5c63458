"""How a command ends: a friendly line and an exit code, for people and for machines.

In: whatever a command raises. Out: one line on stderr, or ``{"error": …}`` on stdout with `--json`, and the exit code
1 (failed) or 130 (interrupted). No kernel lives here.
"""

import json
import os
import sys
import warnings
from collections.abc import Generator
from contextlib import contextmanager
from enum import IntEnum
from typing import Annotated, Any

import typer

from daatgal.errors import DaatgalError

AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")]


class ExitCode(IntEnum):
    """What the caller's shell sees; 2, a usage error, is typer's."""

    DONE = 0
    FAILED = 1
    HELD = 3
    INTERRUPTED = 130


@contextmanager
def reporting(as_json: bool) -> Generator[None]:
    """Turn what the block raises into a message and an exit code; DAATGAL_TRACEBACK=1 shows where it came from."""
    from daatgal.outputs.interruption import terminable

    try:
        with warnings.catch_warnings(), terminable():
            warnings.showwarning = _show_warning
            yield
    except DaatgalError as error:
        _fail(str(error), as_json)
    except KeyboardInterrupt:
        _say("interrupted; nothing was left behind", as_json)
        raise typer.Exit(ExitCode.INTERRUPTED) from None
    except (typer.Exit, SystemExit):
        raise
    except Exception as error:
        if os.environ.get("DAATGAL_TRACEBACK", "0") not in {"", "0"}:
            raise
        kind = type(error).__name__
        _fail(f"unexpected {kind}: {error}; this is a defect of daatgal, please report it", as_json)


def print_json(content: dict[str, Any]) -> None:
    """One JSON object on stdout."""
    sys.stdout.write(json.dumps(content, ensure_ascii=False, indent=2) + "\n")


def _fail(message: str, as_json: bool) -> None:
    _say(message, as_json)
    raise typer.Exit(ExitCode.FAILED) from None


def _say(message: str, as_json: bool) -> None:
    if as_json:
        print_json({"error": message})
    else:
        sys.stderr.write(f"daatgal: {message}\n")


def _show_warning(message: Warning | str, *place: object) -> None:
    """A warning is for the reader of the terminal: its text, not the line of code that gave it."""
    del place
    sys.stderr.write(f"daatgal: warning: {message}\n")
