"""Secrets that nobody can pick: private key files, commitments, the key of a month.

In: a key file that only its owner may read, the sorted case ids of a frozen frame. Out: the secret S of a month, its
commitment SHA-256(S), the key HMAC-SHA256(S, SHA-256 of the case ids). Source: audit.md §4. No kernel lives here.

A root key file serves every month: S = HMAC-SHA256(root, "daatgal sample YYYY-MM"), so that the manifest of a month
can commit to the next one's secret, and one month's secret can be shown after its audit without telling any other's.
Nothing here is ever printed, logged or written but into key files: the classes that hold a secret do not show it.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import re
import secrets
import stat
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from daatgal.errors import DaatgalError
from daatgal.sampling.months import month_after, parse_month

if TYPE_CHECKING:
    from pathlib import Path

SECRET_BYTES = 32
PRIVATE_MODE = 0o600
_LONGEST_FILE = 4096
_ROOT = re.compile(rb"daatgal-key-1 ([0-9a-f]{64})\n")
_ONE_MONTH = re.compile(rb"daatgal-month-secret-1 ([0-9]{4}-[0-9]{2}) ([0-9a-f]{64})\n")


class KeyFileError(DaatgalError):
    """A key file that is not private, not there, or not a key file. The message never quotes it."""


@dataclass(frozen=True)
class MonthSecret:
    """The secret of one month; compare and print it by its commitment alone."""

    month: str
    value: bytes = field(repr=False)
    next_commitment: str | None
    """the commitment to the next month's secret; None where only this month's is known"""

    @property
    def commitment(self) -> str:
        """SHA-256 of the secret, in hex: what the manifest of the month before has said."""
        return hashlib.sha256(self.value).hexdigest()

    def key(self, frame_sha256: str) -> bytes:
        """The key of the draw. `frame_sha256`: the hash of the frozen frame's case ids, in hex."""
        return hmac.digest(self.value, bytes.fromhex(frame_sha256), "sha256")


def new_key_file(path: Path) -> None:
    """Write a new root key into a new file that only its owner may read; a file that is there is never touched."""
    _write_private(path, b"daatgal-key-1 " + secrets.token_hex(SECRET_BYTES).encode() + b"\n")


def reveal_month(key_file: Path, month: str, out: Path) -> str:
    """Write one month's secret into a new file of its own, to be shown after the audit; return its commitment."""
    secret = read_secret(key_file, month)
    _write_private(out, f"daatgal-month-secret-1 {month} {secret.value.hex()}\n".encode())
    return secret.commitment


def read_secret(path: Path, month: str) -> MonthSecret:
    """The secret of `month` from a root key file, or from a file that holds this month's alone.

    Raises KeyFileError unless the file is a plain one of at most 4,096 bytes that belongs to the caller and that
    nobody else may read or write.
    """
    parse_month(month)
    content = _read_private(path)
    root = _ROOT.fullmatch(content)
    if root is not None:
        key = bytes.fromhex(root[1].decode())
        following = hashlib.sha256(_derived(key, month_after(month))).hexdigest()
        return MonthSecret(month, _derived(key, month), following)
    one = _ONE_MONTH.fullmatch(content)
    if one is None:
        raise KeyFileError(f"{path}: is not a key file; expected one that `daatgal key new` wrote")
    if one[1].decode() != month:
        raise KeyFileError(f"{path}: holds the secret of {one[1].decode()}, expected that of {month}")
    return MonthSecret(month, bytes.fromhex(one[2].decode()), None)


def _derived(root: bytes, month: str) -> bytes:
    return hmac.digest(root, f"daatgal sample {month}".encode(), "sha256")


def _read_private(path: Path) -> bytes:
    try:
        # Opened once, and looked at through the descriptor: nothing can be changed in between. A pipe must not block.
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError as error:
        raise KeyFileError(f"{path}: the key file cannot be opened ({error.strerror})") from error
    try:
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode):
            raise KeyFileError(f"{path}: is no plain file; expected a key file")
        if found.st_uid != os.geteuid():
            raise KeyFileError(
                f"{path}: belongs to user {found.st_uid}; expected a key file of your own (user {os.geteuid()})"
            )
        if stat.S_IMODE(found.st_mode) & 0o077:
            raise KeyFileError(
                f"{path}: others may read or change it (mode {stat.S_IMODE(found.st_mode):04o}); expected 0600: "
                "take their rights away, and make a new key if someone may have read it"
            )
        if found.st_size > _LONGEST_FILE:
            raise KeyFileError(f"{path}: is {found.st_size} bytes long; expected a key file of a line")
        return os.read(descriptor, _LONGEST_FILE)
    finally:
        os.close(descriptor)


def _write_private(path: Path, content: bytes) -> None:
    try:
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW
        descriptor = os.open(path, flags, PRIVATE_MODE)
    except FileExistsError as error:
        raise KeyFileError(f"{path}: is there already; a key file is never overwritten") from error
    except OSError as error:
        raise KeyFileError(f"{path}: the key file cannot be written ({error.strerror})") from error
    try:
        os.fchmod(descriptor, PRIVATE_MODE)
        os.write(descriptor, content)
        os.fsync(descriptor)
    except OSError as error:
        path.unlink(missing_ok=True)
        raise KeyFileError(f"{path}: the key file cannot be written ({error.strerror})") from error
    finally:
        os.close(descriptor)
