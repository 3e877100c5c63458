"""Being asked to stop: the run in hand is cleared away first.

In: SIGTERM. Out: SystemExit at the next instruction of the main thread, so that every `with` block closes on the way
out. No kernel lives here.
"""

import signal
from collections.abc import Generator
from contextlib import contextmanager
from types import FrameType
from typing import NoReturn


@contextmanager
def terminable() -> Generator[None]:
    """Within the block, SIGTERM ends the program like an exception; call it from the main thread of a program."""
    before = signal.signal(signal.SIGTERM, _stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _stop(number: int, frame: FrameType | None) -> NoReturn:
    del frame
    raise SystemExit(128 + number)
