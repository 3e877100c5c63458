"""Compiling on all cores: which kernels a night enters, what is begun first, and what becomes of a failure."""

import multiprocessing
import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from daatgal.cli.compiling import next_entry
from daatgal.cli.entries import Entry


def _entry(**work: int) -> Entry:
    return Entry("module", next(iter(work)), (), by_address=False, work=work)


def _run(program: str, **environment: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program)],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | environment,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_what_has_most_left_to_compile_is_begun_first() -> None:
    short, long = _entry(short=1, shared=50), _entry(long=20, other=10)
    assert next_entry([short, long], [], kept=set()) is short
    assert next_entry([short, long], [], kept={"shared"}) is long


def test_what_another_process_is_at_is_not_begun_beside_it() -> None:
    shares, alone = _entry(shares=50, shared=50), _entry(alone=1)
    at = _entry(at=50, shared=50)
    assert next_entry([shares, alone], [at], kept=set()) is alone
    assert next_entry([shares, alone], [at], kept={"shared"}) is shares
    assert next_entry([shares], [at], kept=set()) is shares


def test_a_rehearsal_meets_each_entry_once_with_all_that_it_calls() -> None:
    program = """
        from daatgal.cli.entries import send_entries
        entries = []
        class Into:
            send = staticmethod(entries.append)
        send_entries(Into)
        *met, end = entries
        assert end is None
        assert len({(entry.module, entry.name) for entry in met}) == len(met), "one signature each"
        by_name = {entry.name: entry for entry in met}
        assert by_name["bundled_in_stay"].by_address and not by_name["settle_buckets"].by_address
        assert by_name["settle_buckets"].work.keys() >= {
            "daatgal_engine.settle.settle_buckets", "daatgal_engine.people.arrange", "daatgal_engine.block.write_back"
        }
        print(len({kernel for entry in met for kernel in entry.work}) > 150)
    """
    assert _run(program, NUMBA_DISABLE_JIT="1") == "True"


def test_a_rehearsal_that_fails_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    from daatgal.cli import compiling

    monkeypatch.setattr(compiling, "_send_entries", _fail)
    processes = multiprocessing.get_context("spawn")
    with pytest.raises(RuntimeError, match="rehearsal ended"):
        compiling.compile_all(processes.Value("q", 0), processes, lambda kernels: None)


def _fail(to: object) -> None:
    del to
    raise SystemExit(1)


def test_a_kernel_that_kernels_call_can_be_called_from_python_too(tmp_path: Path) -> None:
    program = """
        from daatgal_engine.calendar import civil_date, completed_years
        print(completed_years(0, 366), civil_date(59))
        print(len(completed_years.signatures), len(civil_date.signatures))
    """
    computed, compiled = _run(program, NUMBA_CACHE_DIR=str(tmp_path), NUMBA_DISABLE_JIT="0").splitlines()
    assert computed == "1 (1970, 97)"
    assert compiled == "1 1"
