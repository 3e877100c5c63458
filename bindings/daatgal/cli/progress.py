"""Progress of long work, on stderr: a bar on a terminal, a line now and then elsewhere, nothing for machines.

In: steps and counts. Out: what people see. No kernel lives here.
"""

import sys
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from types import TracebackType
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from rich.progress import TaskID

SECONDS_BETWEEN_LINES = 5.0


class Progress:
    """The steps of one command; call it with a step's name, what is done and what there is to do (0: unknown)."""

    def __init__(self, *, silent: bool) -> None:
        self._silent = silent
        self._bars = None
        self._bar_of_step: dict[str, TaskID] = {}
        self._steps: set[str] = set()
        self._last_line = 0.0
        if not silent and sys.stderr.isatty():
            from rich.console import Console
            from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
            from rich.progress import Progress as Bars

            columns = (
                TextColumn("{task.description}"),
                BarColumn(),
                MofNCompleteColumn(),
                TimeElapsedColumn(),
            )
            self._bars = Bars(*columns, console=Console(stderr=True), transient=True)

    def __call__(self, step: str, done: int = 0, total: int = 0) -> None:
        """Show that `done` of `total` of `step` is done; it may be called from any thread."""
        if self._silent:
            return
        if self._bars is None:
            self._line(step, done, total)
            return
        bar = self._bar_of_step.get(step)
        if bar is None:
            bar = self._bar_of_step[step] = self._bars.add_task(step, total=total or None)
        self._bars.update(bar, completed=done, total=total or None)

    def _line(self, step: str, done: int, total: int) -> None:
        now = time.monotonic()
        new = step not in self._steps
        if new or (total and done == total) or now - self._last_line > SECONDS_BETWEEN_LINES:
            self._steps.add(step)
            self._last_line = now
            sys.stderr.write(f"{step} {done:,}/{total:,}\n" if total else f"{step}\n")
            sys.stderr.flush()

    def __enter__(self) -> Self:
        """Start drawing."""
        if self._bars is not None:
            self._bars.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop drawing, also on the way out of an error."""
        if self._bars is not None:
            self._bars.stop()


class Compilations:
    """Counts kernels as they are compiled, and shows them."""

    def __init__(self, progress: Progress) -> None:
        self.started = 0
        self.elsewhere: Callable[[], int] = int
        """how many other processes have started, if there are any"""
        self._progress = progress
        self._total = 0

    def one_more(self) -> None:
        """Count a kernel; the engine's are counted when the first of them is met."""
        from daatgal.cli.kernels import engine_kernels

        self._total = self._total or len(engine_kernels())
        self.started += 1
        self.show()

    def show(self, kernels: int = 0) -> None:
        """Show how many have been started, of so many as are known by now."""
        self._total = max(self._total, kernels)
        started = self.started + self.elsewhere()
        # A kernel may be compiled for more than one kind of input, so there may be more than there are kernels.
        if started:
            self._progress("compiling kernels, once:", started, max(self._total, started + 1))


@contextmanager
def compiling(progress: Progress) -> Generator[Compilations]:
    """Show kernels as they are compiled: it happens on the first run of an engine, and takes seconds."""
    from numba.core import event

    class Listener(event.Listener):
        def on_start(self, event: object) -> None:
            del event
            compilations.one_more()

        def on_end(self, event: object) -> None:
            del event

    compilations = Compilations(progress)
    with event.install_listener("numba:compile", Listener()):
        yield compilations
