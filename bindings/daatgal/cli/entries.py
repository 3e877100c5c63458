"""Which kernels a night enters, and with what: found out where the compiler is switched off.

In: the rehearsal of a night. Out: an `Entry` for each kernel that Python enters, or that is called by its address, as
soon as it is met, so that others can compile it meanwhile. No kernel lives here.
"""

from __future__ import annotations

import threading
import types
from functools import wraps
from typing import TYPE_CHECKING, Any, NamedTuple

import numba

from daatgal_engine import _jit, calls

if TYPE_CHECKING:
    from collections.abc import Callable
    from multiprocessing.connection import Connection


class Entry(NamedTuple):
    """A kernel to compile for arguments of one kind."""

    module: str
    name: str
    kinds: tuple[Any, ...]
    """Numba's types"""
    by_address: bool
    work: dict[str, int]
    """the kernels to compile, itself and all it calls, and how long each is, in bytes of Python's own code"""


class _Inside(threading.local):
    """Whether this thread is in a kernel already."""

    kernel = False


def send_entries(to: Connection) -> None:
    """Rehearse a night, and send each entry once; then close."""
    inside, sent = _Inside(), set[tuple[str, str, tuple[Any, ...], bool]]()

    def watched(function: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(function)
        def watching(*arguments: Any) -> Any:
            by_address = inside.kernel
            if by_address and watching not in calls.PLAIN:
                return function(*arguments)
            kinds = tuple(numba.typeof(argument) for argument in arguments)
            entry = (function.__module__, function.__qualname__, kinds, by_address)
            if entry not in sent:
                sent.add(entry)
                work: dict[str, int] = {}
                _add_work(function, work)
                to.send(Entry(*entry, work))
            inside.kernel = True
            try:
                return function(*arguments)
            finally:
                inside.kernel = by_address

        return watching

    # Whatever is imported from here on has kernels that are watched.
    _jit.interpreted = watched
    from daatgal.cli import rehearsal

    rehearsal.rehearse_many_values()
    rehearsal.rehearse_facts()
    rehearsal.rehearse_night()
    to.send(None)


def _add_work(function: Any, work: dict[str, int]) -> None:
    own = getattr(function, "__wrapped__", function)
    name = f"{own.__module__}.{own.__qualname__}"
    if name not in work:
        work[name] = len(own.__code__.co_code)
        for known in own.__code__.co_names:
            called = own.__globals__.get(known)
            if isinstance(called, types.FunctionType):
                _add_work(called, work)
