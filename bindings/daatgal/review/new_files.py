"""Files that are written whole, for their owner alone, and never over another.

In: bytes and a path. Out: the file. The same content again changes nothing. No kernel lives here.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from daatgal.errors import OutputError

if TYPE_CHECKING:
    from pathlib import Path


def make_private(out: Path) -> None:
    """Make a folder that only its owner may read, unless it is there."""
    try:
        out.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"{out}: cannot be made ({error.strerror})") from error


def put(path: Path, content: bytes) -> None:
    """Write a file whole, or leave the same one as it is; another one is never overwritten."""
    staged = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        if path.exists():
            if path.read_bytes() == content:
                return
            raise OutputError(
                f"{path}: is there already, with other content; files are never overwritten: choose another --out"
            )
        descriptor = os.open(staged, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.link(staged, path)
    except OSError as error:
        raise OutputError(f"{path}: cannot be written ({error.strerror})") from error
    finally:
        staged.unlink(missing_ok=True)
