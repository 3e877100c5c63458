"""Where compiled kernels are kept.

In: the engine's sources and ``NUMBA_CACHE_DIR``. Out: the folder that Numba uses in this process. Numba looks only at
the file that a kernel is written in, and would run stale machine code after a change in a kernel that it calls: so the
folder is named after all sources of the engine, and after bounds checks, which a warm cache would otherwise hide. No
kernel lives here.
"""

import atexit
import hashlib
import os
import shutil
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path


def engine_key() -> str:
    """A hash of the engine's sources and of the kind of code that this process compiles."""
    spec = find_spec("daatgal_engine")
    assert spec is not None
    assert spec.submodule_search_locations is not None
    root = Path(spec.submodule_search_locations[0])
    digest = hashlib.sha256()
    for path in sorted(root.rglob("*.py")):
        digest.update(path.relative_to(root).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    checked = "-checked" if os.environ.get("NUMBA_BOUNDSCHECK", "0") not in {"", "0"} else ""
    return f"engine-{digest.hexdigest()[:16]}{checked}"


def choose_cache_folder() -> None:
    """Point Numba to this engine's folder below NUMBA_CACHE_DIR or the user's cache folder, before Numba is imported.

    Where it cannot be written, a warning says so, and kernels are compiled for this process alone.
    """
    key = engine_key()
    given = os.environ.get("NUMBA_CACHE_DIR")
    base = Path(given) if given else _users_cache() / "daatgal"
    folder = base if base.name.endswith(key) else base / key
    try:
        folder.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=folder).close()
    except OSError as error:
        sys.stderr.write(
            f"daatgal: warning: {folder}: compiled kernels cannot be kept here ({error.strerror}), so every run "
            "compiles them again; set NUMBA_CACHE_DIR to a folder that can be written\n"
        )
        folder = Path(tempfile.mkdtemp(prefix="daatgal-kernels-"))
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
    os.environ["NUMBA_CACHE_DIR"] = str(folder)


def _users_cache() -> Path:
    given = os.environ.get("XDG_CACHE_HOME")
    return Path(given) if given else Path.home() / ".cache"
