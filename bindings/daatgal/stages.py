"""The stages of a run: seconds by stage, and a word to whoever watches.

In: the name of each stage as it begins. Out: how long each took. No kernel lives here.
"""

from __future__ import annotations

import ctypes
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pyarrow as pa

if TYPE_CHECKING:
    from collections.abc import Callable, Generator


_trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
"""Of the GNU C library, whose allocator keeps what threads have freed; others have none."""


def give_back() -> None:
    """What a stage worked with goes back to the system: the next one does not have to hold it."""
    pa.default_memory_pool().release_unused()
    if _trim is not None:
        _trim(0)


def silent(stage: str) -> None:
    """Say nothing."""
    del stage


class Stages:
    """Call it with a stage's name around what the stage does."""

    def __init__(self, progress: Callable[[str], None] = silent) -> None:
        self.progress = progress
        self.seconds: dict[str, float] = {}

    @contextmanager
    def __call__(self, name: str) -> Generator[None, None, None]:
        """Say that the stage begins, and keep its seconds when it is done."""
        self.progress(name)
        started = time.perf_counter()
        yield
        give_back()
        self.seconds[name] = time.perf_counter() - started
