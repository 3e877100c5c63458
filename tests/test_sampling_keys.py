"""Secrets: private or refused, committed to a month ahead, never shown."""

import hashlib
import hmac
import os
from pathlib import Path

import pytest
from typer.testing import CliRunner

from daatgal.cli.app import app
from daatgal.errors import InputError
from daatgal.sampling.closing import Before, check_commitment
from daatgal.sampling.keys import KeyFileError, new_key_file, read_secret, reveal_month


@pytest.fixture
def key_file(tmp_path: Path) -> Path:
    new_key_file(tmp_path / "key")
    return tmp_path / "key"


def test_a_new_key_file_is_private_and_never_overwritten(key_file: Path):
    assert key_file.stat().st_mode & 0o777 == 0o600
    before = key_file.read_bytes()
    with pytest.raises(KeyFileError, match="never overwritten"):
        new_key_file(key_file)
    assert key_file.read_bytes() == before


def test_the_mode_does_not_depend_on_the_umask(tmp_path: Path):
    before = os.umask(0)
    try:
        new_key_file(tmp_path / "open")
    finally:
        os.umask(before)
    assert (tmp_path / "open").stat().st_mode & 0o777 == 0o600


def test_each_month_commits_to_the_next(key_file: Path):
    october, november = read_secret(key_file, "2026-10"), read_secret(key_file, "2026-11")
    assert october.next_commitment == november.commitment == hashlib.sha256(november.value).hexdigest()
    assert october.value != november.value


def test_the_key_is_made_of_secret_and_frame(key_file: Path):
    secret = read_secret(key_file, "2026-10")
    frame = hashlib.sha256(b"A\nB\n").hexdigest()
    assert secret.key(frame) == hmac.new(secret.value, bytes.fromhex(frame), hashlib.sha256).digest()


def test_one_month_is_revealed_and_no_other(key_file: Path, tmp_path: Path):
    out = tmp_path / "october"
    commitment = reveal_month(key_file, "2026-10", out)
    shown = read_secret(out, "2026-10")
    assert shown.commitment == commitment == read_secret(key_file, "2026-10").commitment
    assert shown.next_commitment is None
    assert out.stat().st_mode & 0o777 == 0o600
    with pytest.raises(KeyFileError, match=r"holds the secret of 2026-10, expected that of 2026-11"):
        read_secret(out, "2026-11")


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o601, 0o666, 0o700 | 0o010])
def test_a_key_file_that_others_may_touch_is_refused(key_file: Path, mode: int):
    key_file.chmod(mode)
    with pytest.raises(
        KeyFileError, match=rf"others may read or change it \(mode 0{mode:o}\); expected 0600"
    ):
        read_secret(key_file, "2026-10")


def test_a_key_file_of_someone_else_is_refused(key_file: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(os, "geteuid", lambda: key_file.stat().st_uid + 1)
    with pytest.raises(KeyFileError, match="expected a key file of your own"):
        read_secret(key_file, "2026-10")


def test_links_folders_pipes_and_nothing_are_refused(key_file: Path, tmp_path: Path):
    (tmp_path / "link").symlink_to(key_file)
    os.mkfifo(tmp_path / "pipe", 0o600)
    (tmp_path / "folder").mkdir(mode=0o700)
    for name in ("link", "pipe", "folder", "nowhere"):
        with pytest.raises(KeyFileError, match=name):
            read_secret(tmp_path / name, "2026-10")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"secret",
        b"daatgal-key-1 " + b"0" * 63 + b"\n",
        b"daatgal-key-1 " + b"A" * 64 + b"\n",
        b"x" * 5000,
    ],
)
def test_what_is_no_key_file_is_refused_and_not_quoted(key_file: Path, content: bytes):
    key_file.write_bytes(content)
    with pytest.raises(KeyFileError) as found:
        read_secret(key_file, "2026-10")
    assert "0" * 63 not in str(found.value)
    assert "A" * 64 not in str(found.value)


def test_another_secret_than_the_one_committed_to_is_refused(key_file: Path, tmp_path: Path):
    new_key_file(tmp_path / "other")
    committed = read_secret(key_file, "2026-10").next_commitment
    check_commitment(read_secret(key_file, "2026-11"), Before("r" * 64, committed))
    with pytest.raises(InputError, match="is not the one that 2026-10 committed to"):
        check_commitment(read_secret(tmp_path / "other", "2026-11"), Before("r" * 64, committed))


def test_the_command_line_shows_commitments_and_no_secret(tmp_path: Path):
    key, out = tmp_path / "key", tmp_path / "october"
    shown = []
    for arguments in (
        ["key", "new", key, "--month", "2026-10"],
        ["key", "commitment", key, "--month", "2026-11"],
        ["key", "reveal", key, "--month", "2026-10", "--out", out, "--json"],
        ["key", "new", key, "--month", "2026-10"],
    ):
        done = CliRunner().invoke(app, [str(argument) for argument in arguments])
        shown.append(done.stdout + done.stderr)
        assert done.exit_code == (1 if len(shown) == 4 else 0)
    secrets = {read_secret(key, month).value.hex() for month in ("2026-10", "2026-11")}
    secrets |= {key.read_text().split()[1], out.read_text().split()[2]}
    assert not any(secret in text for secret in secrets for text in shown)
    assert read_secret(key, "2026-10").commitment in shown[0]
    assert read_secret(key, "2026-11").commitment in shown[1]
    assert "is there already" in shown[3]


def test_a_secret_does_not_show_itself(key_file: Path):
    secret = read_secret(key_file, "2026-10")
    assert secret.value.hex() not in repr(secret)
    assert repr(secret.value) not in repr(secret)
