"""One run's results into one folder: whole or not at all.

In: a results folder, the identity of a run, its tables. Out: parts and, last, the manifest. No kernel lives here.

Everything is written into ``DIR/.run-<id>/`` (0700), flushed and read back; the manifest is written there too. Then
the table folders are renamed into place and, last, the manifest: with that one rename the run exists. A run that died
before leaves its ``.run-`` folder, whose manifest lists what may already have been renamed, and the next run removes
both. The folder is locked while a run writes, so a ``.run-`` folder found under the lock belongs to a dead run.
"""

import errno
import fcntl
import os
import shutil
from collections.abc import Generator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa

from daatgal.errors import OutputError
from daatgal.outputs import manifest
from daatgal.outputs.identity import RunIdentity
from daatgal.outputs.manifest import MANIFEST, TABLES, Content
from daatgal.outputs.parts import PART, HashedFile, Part, write_parts
from daatgal.outputs.totals import LedgerTotals, QuarantineTotals, ScoreTotals

STAGING = ".run-"
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


class Run:
    """A run that is being written; `open_run` makes it."""

    def __init__(self, directory: Path, identity: RunIdentity) -> None:
        self.directory = directory
        self.manifest: Content | None = None
        """set by `finish`"""
        self._identity = identity
        self._staging = directory / f"{STAGING}{identity.digest()[:16]}"
        self._parts: dict[str, list[Part]] = {}
        self._ledger = LedgerTotals()
        self._quarantine = QuarantineTotals()
        self._scores = ScoreTotals()
        self._started = datetime.now(UTC)
        with disk_errors(directory):
            self._staging.mkdir(mode=0o700)

    def write_table(self, folder: str, table: pa.Table | pa.RecordBatchReader, named: str = PART) -> None:
        """Write one table of the contract; once each, or, where some rows are to have parts of their own, each `named`.

        The rows of `ledger` are checked for balance and counted on the way, those of `scores` checked for what a score
        may be and counted, those of `quarantine` counted. Row groups and parts do not depend on how the table is
        chunked. Raises OutputError for an unknown or repeated table, an impossible row or a failing disk.
        """
        written = self._parts.get(folder, [])
        if folder not in TABLES or any(part.path.startswith(f"{folder}/{named}-") for part in written):
            message = f"table {folder!r}: expected one of {', '.join(TABLES)}, each written once"
            raise OutputError(message)
        counters = {
            "ledger": self._ledger.add,
            "quarantine": self._quarantine.add,
            "scores": self._scores.add,
        }
        seen = counters.get(folder, _unseen)
        reader = table.to_reader() if isinstance(table, pa.Table) else table
        self._parts[folder] = written + write_parts(
            self._staging / folder, reader, lambda: disk_errors(self.directory), seen, named
        )

    def finish(
        self,
        *,
        input_rows: Mapping[str, int],
        timings: Mapping[str, float],
        withheld: bool,
        control_totals: Mapping[str, Any] | None = None,
    ) -> Content:
        """Bring the results into place and return their manifest.

        `input_rows` gives the rows of each input role, `claims` among them; `timings` seconds by stage; `withheld`
        says that the run is held until it is released; `control_totals` is added to what was counted on the way.
        Raises OutputError where rows in ≠ ledger + quarantine.
        """
        rows_in, ledger, quarantine = input_rows["claims"], self._ledger.rows, self._quarantine.rows
        if rows_in != ledger + quarantine:
            message = f"{rows_in} rows came in, and {ledger} ledger + {quarantine} quarantine rows went out"
            raise OutputError(message)
        counted = {
            "rows_in": rows_in,
            "ledger_rows": ledger,
            "quarantine_rows": quarantine,
            "ledger": self._ledger.as_dict(),
            "quarantine": self._quarantine.as_dict(),
        }
        if "scores" in self._parts:
            counted["scores"] = self._scores.as_dict()
        content = manifest.compose(
            self._identity,
            input_rows=input_rows,
            parts=[asdict(part) for folder in sorted(self._parts) for part in self._parts[folder]],
            control_totals=counted | dict(control_totals or {}),
            withheld=withheld,
            timings=self._timings(timings),
        )
        with disk_errors(self.directory):
            self._commit(manifest.render(content))
        self.manifest = content
        return content

    def _commit(self, spelling: bytes) -> None:
        staged = self._staging / MANIFEST
        write_synced(staged, spelling)
        for folder in self._parts:
            sync_folder(self._staging / folder)
        sync_folder(self._staging)
        for folder in sorted(self._parts):
            (self._staging / folder).rename(self.directory / folder)
        sync_folder(self.directory)
        try:
            staged.rename(self.directory / MANIFEST)
        except OSError:
            # An error here may come after the rename took place: what is on the disk decides.
            if not _holds(self.directory / MANIFEST, spelling):
                raise
        self._confirm()

    def _confirm(self) -> None:
        try:
            sync_folder(self.directory)
        except OSError as error:
            message = (
                f"{self.directory}: the results are in place, but the disk did not confirm it ({error.strerror}); "
                "run the same command again and `daatgal verify` this folder before you rely on it"
            )
            raise OutputError(message) from error

    def _timings(self, stages: Mapping[str, float]) -> dict[str, Any]:
        finished = datetime.now(UTC)
        return {
            "started_at": self._started.isoformat(timespec="seconds"),
            "finished_at": finished.isoformat(timespec="seconds"),
            "seconds": round((finished - self._started).total_seconds(), 3),
            "stages": {name: round(seconds, 3) for name, seconds in stages.items()},
        }


@contextmanager
def open_run(directory: Path, identity: RunIdentity) -> Generator[Run | None]:
    """A run to write into `directory`, or None where the same run is already there: then there is nothing to do.

    Leaving the block without `finish` leaves the folder as it was. Raises OutputError where the folder holds another
    run's results or tables that no manifest lists, where another run is writing into it, or where the disk fails.
    """
    with locked(directory):
        remove_leftovers(directory)
        if (directory / MANIFEST).exists():
            _refuse_another_run(directory, identity)
            yield None
            return
        _refuse_unlisted_tables(directory)
        try:
            yield Run(directory, identity)
        finally:
            # What cannot be removed now is removed by the next run: it must not hide how this one ended.
            with suppress(OutputError):
                remove_leftovers(directory)


@contextmanager
def locked(directory: Path) -> Generator[None]:
    """Hold the results folder for one writer; the lock ends with the process, however it ends."""
    with disk_errors(directory):
        directory.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            message = (
                f"{directory}: another run is writing into this folder; wait for it, or choose another --out"
            )
            raise OutputError(message) from error
        yield
    finally:
        os.close(descriptor)


def remove_leftovers(directory: Path) -> None:
    """Remove what a run that died left behind: its staging folder, and tables it had renamed without a manifest."""
    with disk_errors(directory):
        for staging in sorted(directory.glob(f"{STAGING}*")):
            if not (directory / MANIFEST).exists():
                for folder in _staged_tables(staging):
                    if not (staging / folder).exists() and (directory / folder).exists():
                        shutil.rmtree(directory / folder)
            shutil.rmtree(staging)


def write_synced(path: Path, spelling: bytes) -> None:
    """Write a new small file and have it on the disk."""
    file = HashedFile(path)
    try:
        file.write(spelling)
        file.sync()
    finally:
        file.close()


def sync_folder(folder: Path) -> None:
    """Have a folder's entries on the disk."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def disk_errors(directory: Path) -> Generator[None]:
    """Turn the system's error into one that says what to do."""
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            advice = "free some space and run again; nothing was changed"
        else:
            advice = "check that the folder can be written"
        message = f"{directory}: writing failed ({error.strerror or error}); {advice}"
        raise OutputError(message) from error


def _staged_tables(staging: Path) -> list[str]:
    """The tables that a dead run was renaming: those of its manifest, if it got as far as writing one."""
    try:
        content = manifest.read_manifest(staging)
    except OutputError:
        return []
    return sorted({part["path"].split("/")[0] for part in content["parts"]} & set(TABLES))


def _refuse_another_run(directory: Path, identity: RunIdentity) -> None:
    content = manifest.read_manifest(directory)
    if content["identity"] != identity.digest():
        message = (
            f"{directory}: holds the results of another run ({content['run_hash'][:12]}, finished "
            f"{content['timings']['finished_at']}), which differs in {_differences(content, identity)}; "
            "results are never overwritten: choose another --out, or move this folder away"
        )
        raise OutputError(message)
    for part in content["parts"]:
        path = directory / part["path"]
        if not path.is_file() or path.stat().st_size != part["bytes"]:
            message = (
                f"{path}: is missing or cut short, though the manifest lists {part['bytes']} bytes; "
                "move this folder away and run again"
            )
            raise OutputError(message)


def _differences(content: Content, identity: RunIdentity) -> str:
    here = {role: {file.sha256 for file in identity.inputs if file.role == role} for role in _roles(identity)}
    there: dict[str, set[str]] = {}
    for file in content["inputs"]:
        there.setdefault(file["role"], set()).add(file["sha256"])
    names = [role for role in sorted(here.keys() | there.keys()) if here.get(role) != there.get(role)]
    if content["book"]["sha256"] != identity.book_hash:
        names.append("the tariff book")
    if content["model"] != identity.model_hash:
        names.append("the model")
    if content["previous_run"] != identity.previous_run:
        names.append("the history")
    old, new = content["parameters"], dict(identity.parameters)
    names += [f"{name}" for name in sorted(old.keys() | new.keys()) if old.get(name) != new.get(name)]
    return ", ".join(names) or "the version of daatgal"


def _roles(identity: RunIdentity) -> set[str]:
    return {file.role for file in identity.inputs}


def _refuse_unlisted_tables(directory: Path) -> None:
    found = [folder for folder in TABLES if (directory / folder).exists()]
    if found:
        message = (
            f"{directory}: holds {', '.join(found)} without a {MANIFEST}; "
            "expected an empty folder: choose another --out, or move these away"
        )
        raise OutputError(message)


def _holds(path: Path, spelling: bytes) -> bool:
    try:
        return path.read_bytes() == spelling
    except OSError:
        return False


def _unseen(group: pa.Table) -> None:
    """Tables without control totals pass uncounted."""
    del group
