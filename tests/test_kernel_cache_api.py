"""Kernels of those who import daatgal: kept as the command line keeps them, and compiled where they cannot be kept."""

import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest


def _python(program: str, cache: Path, **environment: str) -> list[str]:
    environment = {
        "NUMBA_CACHE_DIR": str(cache),
        "NUMBA_DISABLE_JIT": "0",
        "NUMBA_BOUNDSCHECK": "0",
    } | environment
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("NUMBA_")}
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program)],
        capture_output=True,
        text=True,
        check=False,
        env=inherited | environment,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines() + done.stderr.splitlines()


@pytest.mark.parametrize("before", ["import daatgal", "import numba, daatgal"])
def test_whoever_imports_daatgal_gets_kernels_that_are_never_stale(before: str, tmp_path: Path) -> None:
    program = f"""
        {before}
        daatgal.settle
        from daatgal_engine.money import times
        print(type(times._cache._impl.locator).__name__)
        print(times._cache.cache_path)
    """
    locator, folder = _python(program, tmp_path)
    assert locator == "SourcesLocator"
    assert Path(folder).is_relative_to(tmp_path)


def test_importing_the_package_chooses_nothing(tmp_path: Path) -> None:
    program = """
        import os, sys
        import daatgal
        print("numba" in sys.modules, "NUMBA_CACHE_LOCATOR_CLASSES" in os.environ)
    """
    assert _python(program, tmp_path) == ["False False"]


def test_where_no_folder_can_be_written_kernels_are_compiled_with_one_warning(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    program = """
        import warnings
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            from daatgal_engine.money import LARGEST_MNT, capped_sum, times
        print(times(3, 4), capped_sum(LARGEST_MNT, 1) == LARGEST_MNT, len(times.signatures))
        print(*(warning.message for warning in caught), sep="\\n")
    """
    computed, *warned = _python(
        program, tmp_path / "file" / "cache", NUMBA_CACHE_LOCATOR_CLASSES="UserProvidedCacheLocator"
    )
    assert computed == "12 True 1"
    (warning,) = warned
    assert warning.startswith("compiled kernels cannot be kept")
    assert warning.endswith("set NUMBA_CACHE_DIR to a folder that can be written")


def test_another_failure_of_the_compiler_is_not_taken_for_a_missing_cache(tmp_path: Path) -> None:
    program = """
        try:
            import daatgal_engine.money
        except RuntimeError as error:
            print(error)
    """
    (said,) = _python(program, tmp_path, NUMBA_CACHE_LOCATOR_CLASSES="NoSuchLocator")
    assert "NoSuchLocator" in said
