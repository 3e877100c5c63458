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
    """Compile what a rehearsal enters, in a process for each core; nothing where the compiler is switched off."""
    import multiprocessing

    from daatgal.cli.compiling import compile_all

    if _interpreted():
        return
    processes = multiprocessing.get_context("spawn")
    count = processes.Value("q", 0)
    compilations.elsewhere = lambda: count.value
    compile_all(count, processes, compilations.show)
    mark = _mark()
    if mark is not None:
        mark.touch()


def _mark() -> Path | None:
    """The file in the cache folder that says that the kernels of these very sources are there."""
    import numba

    import daatgal_engine
    from daatgal.kernel_cache.locator import stamp_of_all

    folder = os.environ.get("NUMBA_CACHE_DIR")
    if folder is None or _interpreted():
        return None
    sources = stamp_of_all(Path(daatgal_engine.__path__[0]))
    return Path(folder) / f"warm-{numba.__version__}-{sources.hex()[:32]}"


def _interpreted() -> bool:
    return os.environ.get("NUMBA_DISABLE_JIT", "0") not in {"", "0"}
