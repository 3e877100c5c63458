"""Compiled kernels: kept where they can be, and never stale."""

import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from daatgal.kernel_cache import CHECKED, choose_cache_folder
from daatgal.kernel_cache.locator import root_of, stamp

ENGINE = Path(__file__).parents[1] / "engine" / "daatgal_engine"


def _python(program: str, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", textwrap.dedent(program)]
    return subprocess.run(
        command, capture_output=True, text=True, check=False, env=os.environ | environment, timeout=120
    )


def test_an_unwritable_folder_only_warns(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    program = f"""
        import sys
        sys.argv = ["daatgal", "verify", {str(tmp_path)!r}]
        from daatgal.cli import main
        main()
    """
    done = _python(program, NUMBA_CACHE_DIR=str(tmp_path / "file" / "cache"))
    assert done.stderr.startswith("daatgal: warning: ")
    assert "compiled kernels cannot be kept here (Not a directory)" in done.stderr
    assert "set NUMBA_CACHE_DIR to a folder that can be written" in done.stderr
    assert "has no manifest.json" in done.stderr
    assert "Traceback" not in done.stderr


def test_checked_kernels_are_kept_apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NUMBA_CACHE_LOCATOR_CLASSES", "")
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    monkeypatch.setenv("NUMBA_BOUNDSCHECK", "0")
    choose_cache_folder()
    assert os.environ["NUMBA_CACHE_DIR"] == str(tmp_path)
    monkeypatch.setenv("NUMBA_BOUNDSCHECK", "1")
    choose_cache_folder()
    choose_cache_folder()
    assert os.environ["NUMBA_CACHE_DIR"] == str(tmp_path / CHECKED)


def test_without_a_setting_kernels_go_to_the_users_cache(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NUMBA_CACHE_LOCATOR_CLASSES", "")
    monkeypatch.setenv("NUMBA_CACHE_DIR", "")
    monkeypatch.setenv("NUMBA_BOUNDSCHECK", "0")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    choose_cache_folder()
    assert os.environ["NUMBA_CACHE_DIR"] == str(tmp_path / "daatgal")


def test_a_stamp_covers_what_is_imported_and_no_more() -> None:
    assert stamp(ENGINE / "_jit.py") != stamp(ENGINE / "money.py")
    assert root_of(ENGINE / "money.py") == ENGINE.parent
    assert root_of(Path(os.__file__)) is None


def _package(folder: Path, rate: int) -> None:
    engine = folder / "daatgal_engine"
    engine.mkdir(parents=True, exist_ok=True)
    (engine / "__init__.py").write_text("")
    (engine / "_jit.py").write_text("import numba\n\nkernel = numba.njit(cache=True)\n")
    (engine / "rates.py").write_text(
        f"from daatgal_engine._jit import kernel\n\n@kernel\ndef rate():\n    return {rate}\n"
    )
    (engine / "other.py").write_text(
        "from daatgal_engine._jit import kernel\n\n@kernel\ndef other():\n    return 3\n"
    )
    (engine / "price.py").write_text(
        "from daatgal_engine._jit import kernel\nfrom daatgal_engine.rates import rate\n\n"
        "@kernel\ndef price():\n    return 10 * rate()\n"
    )


def test_an_edit_in_a_called_kernels_file_compiles_the_caller_again(tmp_path: Path) -> None:
    program = f"""
        import sys
        from daatgal.kernel_cache import choose_cache_folder
        choose_cache_folder()
        sys.path.insert(0, {str(tmp_path / "sources")!r})
        from daatgal_engine.other import other
        from daatgal_engine.price import price
        print(price(), sum(price.stats.cache_misses.values()), other(), sum(other.stats.cache_misses.values()))
    """
    cache = str(tmp_path / "cache")
    said: list[str] = []
    for rate in (1, 1, 2):
        _package(tmp_path / "sources", rate)
        done = _python(program, NUMBA_CACHE_DIR=cache, NUMBA_DISABLE_JIT="0", NUMBA_BOUNDSCHECK="0")
        assert done.returncode == 0, done.stderr
        said.append(done.stdout.strip())
    assert said == ["10 1 3 1", "10 0 3 0", "20 1 3 0"]


def test_an_index_that_names_a_type_which_is_gone_is_stale_too(tmp_path: Path) -> None:
    """Numba reads what is kept of a kernel before it compares stamps, and what is kept names the types of arguments."""
    engine = tmp_path / "sources" / "daatgal_engine"
    program = f"""
        import sys
        from daatgal.kernel_cache import choose_cache_folder
        choose_cache_folder()
        sys.path.insert(0, {str(tmp_path / "sources")!r})
        from daatgal_engine.day import day, given
        print(day(given), sum(day.stats.cache_misses.values()))
    """
    said: list[str] = []
    for name in ("Counts", "Counts", "Days"):
        _package(tmp_path / "sources", 1)
        (engine / "day.py").write_text(
            f"from typing import NamedTuple\nfrom daatgal_engine._jit import kernel\n\nclass {name}(NamedTuple):\n"
            f"    claims: int\n\ngiven = {name}(7)\n\n@kernel\ndef day(of):\n    return of.claims\n"
        )
        done = _python(
            program, NUMBA_CACHE_DIR=str(tmp_path / "cache"), NUMBA_DISABLE_JIT="0", NUMBA_BOUNDSCHECK="0"
        )
        assert done.returncode == 0, done.stderr
        said.append(done.stdout.strip())
    assert said == ["7 1", "7 0", "7 1"]
