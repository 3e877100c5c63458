"""`daatgal warm-up`: have every kernel compiled, so that the first night starts at once.

In: nothing. Out: compiled kernels in the cache folder, and a mark there that says for which sources. A first night
warms up by itself. No kernel lives here.
"""

import os
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import typer

from daatgal.cli.progress import Compilations, Progress, compiling
from daatgal.cli.reporting import AsJson, print_json, reporting


def warm_up(as_json: AsJson = False) -> None:
    """Compile every kernel now, so that the first run need not; done once for each version."""
    with reporting(as_json):
        started = time.perf_counter()
        with Progress(silent=as_json) as progress, compiling(progress) as compilations:
            rehearse_all(compilations)
        seconds = time.perf_counter() - started
        cache = os.environ.get("NUMBA_CACHE_DIR", "beside the sources")
        compiled = compilations.started + compilations.elsewhere()
        if as_json:
            print_json({"compiled": compiled, "seconds": round(seconds, 3), "cache": cache})
        elif compiled:
            typer.echo(f"compiled {compiled} kernels in {seconds:.1f} s; kept in {cache}")
        else:
            typer.echo(f"the kernels are compiled already; kept in {cache}")


@contextmanager
def warmed_up(as_json: bool) -> Generator[Progress]:
    """The progress of a command that runs kernels; they are compiled first, unless the mark says that they are."""
    with Progress(silent=as_json) as progress, compiling(progress) as compilations:
        mark = _mark()
        if mark is not None and not mark.exists():
            rehearse_all(compilations)
        yield progress


def rehearse_all(compilations: Compilations) -> None:
    """Rehearse in two processes, since one compiles on one core: settling apart, decoding and forest here; then all.

    The rehearsal of the night finds those kernels kept, and compiles the few that neither of the two has met.
    """
    import multiprocessing

    from daatgal.cli import rehearsal

    processes = multiprocessing.get_context("spawn")
    count = processes.Value("q", 0)
    compilations.elsewhere = lambda: count.value
    settling = processes.Process(target=rehearsal.rehearse_settling, args=(count,))
    settling.start()
    try:
        rehearsal.rehearse_decoding()
        rehearsal.rehearse_forest()
        while settling.is_alive():
            settling.join(0.2)
            compilations.show()
    finally:
        settling.terminate()
        settling.join()
    rehearsal.rehearse_night()
    mark = _mark()
    if mark is not None:
        mark.touch()


def _mark() -> Path | None:
    """The file in the cache folder that says that the kernels of these very sources are there."""
    import numba

    import daatgal_engine
    from daatgal.kernel_cache.locator import stamp_of_all

    folder = os.environ.get("NUMBA_CACHE_DIR")
    if folder is None or os.environ.get("NUMBA_DISABLE_JIT", "0") not in {"", "0"}:
        return None
    sources = stamp_of_all(Path(daatgal_engine.__path__[0]))
    return Path(folder) / f"warm-{numba.__version__}-{sources.hex()[:32]}"
