"""`daatgal warm-up`: have every kernel compiled, so that the first night starts at once.

In: nothing. Out: compiled kernels in the cache folder. No kernel lives here.
"""

import os
import time
from typing import Any

import typer

from daatgal.cli.reporting import AsJson, print_json, reporting


def warm_up(as_json: AsJson = False) -> None:
    """Compile every kernel now, so that the first run need not; done once for each version."""
    with reporting(as_json):
        from daatgal.cli.progress import Progress, compiling

        started = time.perf_counter()
        with Progress(silent=as_json) as progress, compiling(progress) as compilations:
            _rehearse()
        seconds = time.perf_counter() - started
        cache = os.environ.get("NUMBA_CACHE_DIR", "beside the sources")
        if as_json:
            print_json({"compiled": compilations.started, "seconds": round(seconds, 3), "cache": cache})
        elif compilations.started:
            typer.echo(f"compiled {compilations.started} kernels in {seconds:.1f} s; kept in {cache}")
        else:
            typer.echo(f"the kernels are compiled already; kept in {cache}")


def _rehearse() -> None:
    from daatgal import Settlement, score, settle, train
    from daatgal.cli import rehearsal

    book, facilities, insured = (
        rehearsal.rehearsal_book(),
        rehearsal.rehearsal_facilities(),
        rehearsal.rehearsal_insured(),
    )
    nights: list[Settlement] = []
    for night in ("A", "B"):
        claims = rehearsal.rehearsal_claims(night)
        nights.append(
            settle(claims, facilities=facilities, tariff=book, insured=insured, history=list(nights))
        )
    registers: Any = {"facilities": facilities, "tariff": book}
    model = train(nights[:1], **registers)
    score(nights[1], model=model, history=nights[:1], **registers, reasons_percentile=0)
