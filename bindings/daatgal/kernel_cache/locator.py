"""When a compiled kernel is stale: when any file that it is made from has changed.

In: a kernel's source file. Out: a stamp over that file and all of our files that it imports, directly or not. Numba
alone looks at the file that a kernel is written in, and would run stale machine code after a change in a kernel that it
calls. Numba imports this by the name in NUMBA_CACHE_LOCATOR_CLASSES. No kernel lives here.
"""

import hashlib
import re
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, Self, cast

import numba.core.caching

PACKAGES = ("daatgal_engine", "daatgal")
_IMPORT = re.compile(
    r"^\s*(?:from\s+(?P<module>daatgal(?:_engine)?(?:\.\w+)*)\s+import\s+(?P<names>\([^)]*\)|[^\n]*)"
    r"|import\s+(?P<whole>daatgal(?:_engine)?(?:\.\w+)*))",
    re.MULTILINE,
)


class SourcesLocator(numba.core.caching.UserProvidedCacheLocator):
    """Keeps our kernels in NUMBA_CACHE_DIR; other people's functions are left to Numba's own locators."""

    @classmethod
    def from_function(cls, py_func: Callable[..., Any], py_file: str) -> Self | None:
        """Numba asks: the locator of a function, or None where it is not for us."""
        if root_of(Path(py_file)) is None:
            return None
        return cast("Self | None", super().from_function(py_func, py_file))

    def ensure_cache_path(self) -> None:
        """Numba asks: the folder, without what was compiled from other sources than these.

        It reads an index before it compares the stamp in it, and fails where that names a type which is gone.
        """
        super().ensure_cache_path()
        _drop_stale(Path(self.get_cache_path()), Path(self._py_file).stem, self.get_source_stamp().hex())

    def get_source_stamp(self) -> bytes:
        """Numba asks: what must be the same for compiled code to be fresh."""
        return stamp(Path(self._py_file))


@cache
def _drop_stale(folder: Path, module: str, sources: str) -> None:
    """Remove what is kept of a module's kernels unless it was made from these sources."""
    made_from = folder / f"{module}.stamp"
    if made_from.is_file() and made_from.read_text() == sources:
        return
    for kept in folder.glob(f"{module}.*.nb[ic]"):
        kept.unlink(missing_ok=True)
    made_from.write_text(sources)


def stamp(file: Path) -> bytes:
    """A hash over `file` and all that it imports from our packages."""
    root = root_of(file)
    assert root is not None
    seen: set[Path] = set()
    waiting = [file.resolve()]
    while waiting:
        path = waiting.pop()
        if path not in seen:
            seen.add(path)
            waiting += _imported(path, *_look(path))
    return _hashed(tuple((path, *_look(path)) for path in sorted(seen)))


@cache
def _hashed(files: tuple[tuple[Path, int, int], ...]) -> bytes:
    """A hash over files in a state told by time and size: each is asked for by every kernel that is made from it."""
    digest = hashlib.sha256()
    for path, _, _ in files:
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.digest()


def stamp_of_all(package: Path) -> bytes:
    """A hash over every source of a package."""
    digest = hashlib.sha256()
    for path in sorted(package.rglob("*.py")):
        digest.update(path.relative_to(package).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.digest()


def root_of(file: Path) -> Path | None:
    """The folder that holds the package of `file`; None for a file of no package of ours."""
    parents = [parent for parent in file.resolve().parents if parent.name in PACKAGES]
    return parents[-1].parent if parents else None


def _look(path: Path) -> tuple[int, int]:
    found = path.stat()
    return found.st_mtime_ns, found.st_size


@cache
def _imported(path: Path, changed_ns: int, size: int) -> tuple[Path, ...]:
    """The files of our packages that `path` imports; time and size only tell one state of it from another."""
    del changed_ns, size
    files: list[Path] = []
    for found in _IMPORT.finditer(path.read_text(encoding="utf-8")):
        module = found["module"] or found["whole"]
        names = re.findall(r"\w+", found["names"] or "")
        for name in (module, *(f"{module}.{name}" for name in names)):
            files += _files(name)
    return tuple(files)


@cache
def _files(module: str) -> tuple[Path, ...]:
    """The file of a module; nothing where the name is no module."""
    package, *rest = module.split(".")
    imported = __import__(package)
    base = Path(imported.__path__[0]).joinpath(*rest)
    return tuple(path for path in (base.with_suffix(".py"), base / "__init__.py") if path.is_file())
