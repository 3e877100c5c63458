"""The stages of a run: seconds by stage, and a word to whoever watches.

In: the name of each stage as it begins. Out: how long each took. No kernel lives here.
"""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pyarrow as pa

if TYPE_CHECKING:
    from collections.abc import Callable, Generator


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
        pa.default_memory_pool().release_unused()  # what a stage worked with, the next one does not have to hold
        self.seconds[name] = time.perf_counter() - started
