"""Every kernel compiled, on all cores.

In: what kernels a night enters, from a process that rehearses one without the compiler. Out: compiled kernels in the
cache folder. Numba compiles under one lock, so each core has a process of its own; what takes longest is begun first,
and what one has compiled, the others find kept. No kernel lives here.
"""

from __future__ import annotations

import os
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable
    from multiprocessing.connection import Connection
    from multiprocessing.context import SpawnContext
    from multiprocessing.sharedctypes import Synchronized

    from daatgal.cli.entries import Entry

CORES = os.cpu_count() or 1
SECONDS_BETWEEN_LOOKS = 0.1


def compile_all(count: Synchronized[int], processes: SpawnContext, look: Callable[[int], None]) -> None:
    """Compile what a rehearsal enters; `count` is added to for each kernel.

    `look` is called now and then with how many kernels there are, as far as is known.
    """
    with (
        _rehearsal(processes) as entries,
        ProcessPoolExecutor(CORES, processes, _begin, (count,)) as pool,
    ):
        for _ in range(CORES):  # so that they begin now, and not with the first entry
            pool.submit(_import_engine)
        _compile(entries, pool, look)


def _compile(entries: Connection, pool: ProcessPoolExecutor, look: Callable[[int], None]) -> None:
    waiting: list[Entry] = []
    under_way: dict[Future[None], Entry] = {}
    kernels, kept = set[str](), set[str]()
    more = True
    while more or waiting or under_way:
        while more and entries.poll(0 if waiting or under_way else SECONDS_BETWEEN_LOOKS):
            entry = _received(entries)
            more = entry is not None
            if entry is not None:
                waiting.append(entry)
                kernels |= entry.work.keys()
        while waiting and len(under_way) < CORES:
            chosen = next_entry(waiting, under_way.values(), kept)
            waiting.remove(chosen)
            under_way[pool.submit(_compile_one, chosen)] = chosen
        for done in wait(under_way, SECONDS_BETWEEN_LOOKS, FIRST_COMPLETED).done:
            done.result()
            kept |= under_way.pop(done).work.keys()
        look(len(kernels))


def _received(entries: Connection) -> Entry | None:
    try:
        return entries.recv()
    except EOFError:
        raise RuntimeError("the rehearsal ended before all kernels were met; why is said above") from None


def next_entry(waiting: list[Entry], under_way: Iterable[Entry], kept: set[str]) -> Entry:
    """The entry with most left to compile, of those with least that another process may be compiling just now."""
    busy = set[str]().union(*(entry.work for entry in under_way)) - kept

    def merit(entry: Entry) -> tuple[int, int]:
        left = {kernel: size for kernel, size in entry.work.items() if kernel not in kept}
        return -sum(size for kernel, size in left.items() if kernel in busy), sum(left.values())

    return max(waiting, key=merit)


@contextmanager
def _rehearsal(processes: SpawnContext) -> Generator[Connection]:
    """A process that rehearses without the compiler, and what it sends."""
    pipe: tuple[Any, Any] = processes.Pipe(duplex=False)
    entries, sender = pipe
    with _environment("NUMBA_DISABLE_JIT", "1"):
        rehearsal = processes.Process(target=_send_entries, args=(sender,))
        rehearsal.start()
    sender.close()  # ours; once the process has ended, waiting for more is an error
    try:
        yield entries
    finally:
        rehearsal.terminate()
        rehearsal.join()


@contextmanager
def _environment(name: str, value: str) -> Generator[None]:
    """Processes begun here have this in their environment."""
    before = os.environ.get(name)
    os.environ[name] = value
    try:
        yield
    finally:
        if before is None:
            del os.environ[name]
        else:
            os.environ[name] = before


def _send_entries(to: Connection) -> None:
    """The rehearsal's process."""
    from daatgal.cli.entries import send_entries

    send_entries(to)


def _begin(count: Synchronized[int]) -> None:
    """Begin a process that compiles: it counts kernels, ends with its parent, and leaves its garbage till then."""
    import gc
    import threading

    from numba.core import event

    class Listener(event.Listener):
        def on_start(self, event: object) -> None:
            del event
            with count.get_lock():
                count.value += 1

        def on_end(self, event: object) -> None:
            del event

    threading.Thread(target=_end_with_parent, daemon=True).start()
    gc.disable()
    event.register("numba:compile", Listener())


def _end_with_parent() -> None:
    """Where the parent is killed, nobody would tell this process to end."""
    import multiprocessing

    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _import_engine() -> None:
    """NumPy and Numba with it."""
    from importlib import import_module

    import_module("daatgal_engine.calls")


def _compile_one(entry: Entry) -> None:
    """Compile one kernel and what it calls, unless they are kept already."""
    from importlib import import_module

    from daatgal_engine.calls import address_of

    kernel: Any = getattr(import_module(entry.module), entry.name)
    if entry.by_address:
        address_of(kernel, entry.kinds)
    else:
        kernel.compile(entry.kinds)
