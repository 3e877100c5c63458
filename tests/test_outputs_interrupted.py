"""A run that cannot be finished: full disks, limits, signals, an unconfirmed commit; and inputs that are not there."""

import errno
import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

from daatgal.errors import InputError, OutputError
from daatgal.outputs import hash_path, open_run, verify
from daatgal.outputs.interruption import terminable
from tests.output_runs import identity, ledger, write


def test_a_folder_that_is_a_file_teaches(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("a file")
    with pytest.raises(OutputError, match=r"out: writing failed \(File exists\)"):
        write(tmp_path / "out")


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
def test_a_full_disk_teaches(number: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path / "earlier")

    def full(descriptor: int, data: bytes) -> int:
        raise OSError(number, os.strerror(number))

    with monkeypatch.context() as patched:
        patched.setattr(os, "write", full)
        with pytest.raises(OutputError, match="free some space and run again"):
            write(tmp_path / "night")
    assert verify(tmp_path / "earlier").ok
    assert list((tmp_path / "night").iterdir()) == []
    assert write(tmp_path / "night") is not None


def test_a_real_size_limit_is_met_like_a_full_disk(tmp_path: Path) -> None:
    program = f"""
        import resource, signal, sys
        sys.path.insert(0, {str(Path(__file__).parents[1])!r})
        from pathlib import Path
        from daatgal.errors import OutputError
        from tests.output_runs import write
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (3000, 3000))
        try:
            write(Path({str(tmp_path)!r}))
        except OutputError as error:
            sys.exit(f"refused: {{error}}")
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert done.stderr.startswith("refused: ")
    assert "free some space" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_an_unconfirmed_commit_is_said_to_be_unknown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sync = os.fsync

    def failing(descriptor: int) -> None:
        if (tmp_path / "manifest.json").exists():
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        sync(descriptor)

    monkeypatch.setattr(os, "fsync", failing)
    with pytest.raises(OutputError, match="the results are in place, but the disk did not confirm it"):
        write(tmp_path)
    assert verify(tmp_path).ok


def test_sigterm_removes_the_unfinished_run(tmp_path: Path) -> None:
    child = os.fork()
    if child == 0:
        try:
            with terminable(), open_run(tmp_path, identity()) as run:
                assert run is not None
                run.write_table("ledger", ledger())
                (tmp_path / "written").touch()
                time.sleep(60)
        except SystemExit as end:
            os._exit(int(str(end.code)))
        os._exit(99)
    while not (tmp_path / "written").exists():
        time.sleep(0.01)
    os.kill(child, signal.SIGTERM)
    _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == 128 + signal.SIGTERM
    assert [path.name for path in tmp_path.iterdir()] == ["written"]


def test_a_missing_input_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"claims\.parquet: there is no such file or folder"):
        hash_path(tmp_path / "claims.parquet")
