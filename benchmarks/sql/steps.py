"""What both SQL runners share: the order of the SQL files and the clock around each step. No kernel lives here."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter

OnStep = Callable[[str, float], None]
"""Called with a step's name and its seconds when it ends."""


def sql_files(folder: Path) -> list[Path]:
    """The SQL files of `folder` in the order they run: numbered steps, phases, the ledger."""
    return [*sorted(folder.glob("0*.sql")), *sorted(folder.glob("phase_*.sql")), folder / "ledger.sql"]


@contextmanager
def step(name: str, on_step: OnStep | None) -> Iterator[None]:
    """Runs the block and tells `on_step` how long it took."""
    begin = perf_counter()
    yield
    if on_step is not None:
        on_step(name, perf_counter() - begin)
