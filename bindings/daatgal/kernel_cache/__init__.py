"""Where compiled kernels are kept, and when they are stale.

In: the environment. Out: the settings that Numba reads when it is imported: one folder for all kernels, apart for
bounds-checked ones, which a warm cache would otherwise hide; and `locator`, which sees an edit in any file that a
kernel is made from. No kernel lives here.
"""

import atexit
import os
import shutil
import sys
import tempfile
from pathlib import Path

LOCATORS = (
    "daatgal.kernel_cache.locator.SourcesLocator",
    "UserProvidedCacheLocator",
    "InTreeCacheLocator",
    "UserWideCacheLocator",
)
CHECKED = "bounds-checked"


def choose_cache_folder() -> None:
    """Point Numba to NUMBA_CACHE_DIR or the user's cache folder; call it before Numba is imported.

    Where that cannot be written, a warning says so, and kernels are compiled for this process alone.
    """
    given = os.environ.get("NUMBA_CACHE_DIR")
    folder = Path(given) if given else _users_cache() / "daatgal"
    if os.environ.get("NUMBA_BOUNDSCHECK", "0") not in {"", "0"} and folder.name != CHECKED:
        folder /= CHECKED
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
    os.environ["NUMBA_CACHE_LOCATOR_CLASSES"] = ",".join(LOCATORS)


def _users_cache() -> Path:
    given = os.environ.get("XDG_CACHE_HOME")
    return Path(given) if given else Path.home() / ".cache"
