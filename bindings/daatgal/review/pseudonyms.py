"""Insured persons under a name that only the key's holder can make: HMAC-SHA256 of the id.

In: ids, a key file apart from the data. Out: 16 hexadecimal digits an id: the same person is the same in every list
made with this key. No kernel lives here. Source: audit.md §7.
"""

from __future__ import annotations

import hmac
import os
import re
import secrets
import stat
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from daatgal.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

DIGITS: Final = 16
_KEY_LINE: Final = re.compile(rb"daatgal-pseudonym-key-1 ([0-9a-f]{64})\n")
_LONGEST_FILE: Final = 4096
_OTHERS: Final = 0o077


def pseudonyms(ids: Iterable[object], key: bytes) -> list[str | None]:
    """The pseudonym of each id; null stays null."""
    return [
        None if value is None else hmac.digest(key, str(value).encode(), "sha256").hex()[:DIGITS]
        for value in ids
    ]


def pseudonym_key(path: Path) -> bytes:
    """The key in a file that only its owner may read; where there is no file, a new key in a new one.

    Raises InputError for a file that others may read, or that is no key file; the message never quotes it.
    """
    with suppress(FileExistsError):
        try:
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        except FileExistsError:
            raise
        except OSError as error:
            raise InputError(f"{path}: the pseudonym key cannot be written ({error.strerror})") from error
        with os.fdopen(descriptor, "wb") as file:
            file.write(b"daatgal-pseudonym-key-1 " + secrets.token_hex(32).encode() + b"\n")
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError as error:
        raise InputError(f"{path}: the pseudonym key cannot be opened ({error.strerror})") from error
    with os.fdopen(descriptor, "rb") as file:
        found = os.fstat(file.fileno())
        if not stat.S_ISREG(found.st_mode) or stat.S_IMODE(found.st_mode) & _OTHERS:
            mode = stat.S_IMODE(found.st_mode)
            raise InputError(
                f"{path}: found mode {mode:04o}, expected a plain file that only its owner may read (0600)"
            )
        match = _KEY_LINE.fullmatch(file.read(_LONGEST_FILE))
    if match is None:
        raise InputError(f"{path}: is not a pseudonym key; expected one that daatgal wrote")
    return bytes.fromhex(match[1].decode())
