"""The house keeps its shape: folders, import boundary, start-up, names, lengths, one source for every command."""

import ast
import json
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SOURCES = sorted([*ROOT.glob("engine/**/*.py"), *ROOT.glob("bindings/**/*.py")])
STANDARD = {"functools", "warnings", "collections", "enum", "typing", "__future__"}
HEAVY = ("numba", "numpy", "pyarrow", "rich", "duckdb", "polars", "sklearn")


def _imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""


def test_the_top_level_is_the_one_agreed() -> None:
    ignored = {line.strip("/") for line in (ROOT / ".gitignore").read_text().splitlines()}
    names = {path.name for path in ROOT.iterdir() if not path.name.startswith(".")}
    assert names - ignored == {
        "CHANGELOG.md",
        "CONTRIBUTING.md",
        "LICENSE",
        "Makefile",
        "README.md",
        "benchmarks",
        "bindings",
        "data_samples",
        "docs",
        "engine",
        "pyproject.toml",
        "tests",
    }


@pytest.mark.parametrize(
    "path", [path for path in SOURCES if "daatgal_engine" in path.parts], ids=lambda p: p.name
)
def test_the_engine_imports_numpy_and_numba_only(path: Path) -> None:
    roots = {name.split(".")[0] for name in _imports(path)}
    assert roots <= STANDARD | {"numpy", "numba", "daatgal_engine"}


def test_one_decorator_compiles() -> None:
    compilers = re.compile(r"\bn?jit\(|@(numba\.)?n?jit\b|import njit|fastmath=|parallel=True")
    found = [path.name for path in SOURCES if compilers.search(path.read_text())]
    assert found == ["_jit.py"]


def test_no_kernel_returns_an_array() -> None:
    """Kernels count no references, so nobody would free it."""
    number = r"(Int|Element|int|float|bool|np\.int64|np\.uint64|bool \| np\.bool_)"
    numbers = re.compile(rf"None|{number}|tuple\[{number}(, {number})*\]")
    kernels = [
        node
        for path in SOURCES
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef)
        and {ast.unparse(decorator) for decorator in node.decorator_list} & {"kernel", "allocating_kernel"}
    ]
    assert len(kernels) > 150
    strange = [
        it.name for it in kernels if it.returns is None or not numbers.fullmatch(ast.unparse(it.returns))
    ]
    assert strange == []


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_file_is_long_or_named_for_nothing(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= 330, "split it: one idea each"
    assert not set(path.parts) & {f"{name}{end}" for name in _EMPTY_NAMES for end in ("", ".py")}


_EMPTY_NAMES = ("manager", "utils", "util", "common", "helpers", "helper", "misc")


def test_nothing_is_left_for_later() -> None:
    later = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b")
    assert [str(path) for path in SOURCES if later.search(path.read_text())] == []


def _modules_after(statement: str) -> set[str]:
    program = f"{statement}\nimport json, sys\nprint(json.dumps(sorted(sys.modules)), file=sys.stderr)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    return {name.split(".")[0] for name in json.loads(done.stderr.splitlines()[-1])}


@pytest.mark.parametrize(
    "arguments", [["--help"], ["run", "--help"], ["tariff", "check", "--help"], ["--version"]]
)
def test_help_imports_nothing_heavy(arguments: list[str]) -> None:
    statement = f"""
import sys
sys.argv = ["daatgal", *{arguments!r}]
from daatgal.cli import main
try:
    main()
except SystemExit:
    pass
"""
    assert not _modules_after(statement) & set(HEAVY)


def test_importing_compiles_nothing() -> None:
    program = """
import pkgutil, importlib, sys
from numba.core import event
with event.install_recorder("numba:compile") as compilations:
    import daatgal, daatgal_engine
    for package in (daatgal, daatgal_engine):
        for module in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
            importlib.import_module(module.name)
sys.exit(len(compilations.buffer))
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_hooks_and_make_run_the_same_commands() -> None:
    recipe = re.search(r"^lint:.*\n((?:\t.*\n)+)", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert recipe is not None
    made = [line.strip().replace("$(BIN)", ".venv/bin") for line in recipe[1].splitlines()]
    hooks = (ROOT / ".pre-commit-config.yaml").read_text()
    entries = [entry.replace(" --force-exclude", "") for entry in re.findall(r"entry: (.*)", hooks)]
    assert entries == made


def test_ci_calls_make_test() -> None:
    assert (ROOT / ".ci" / "run").read_text().rstrip().endswith("exec make test")
    assert (ROOT / ".ci" / "run").stat().st_mode & 0o111


def test_the_readme_shows_what_the_commands_accept() -> None:
    """Every `daatgal …` line of the README names a command and options that exist."""
    readme = (ROOT / "README.md").read_text()
    lines = re.findall(
        r"^(?:\$ )?(?:\.venv/bin/)?daatgal ((?:[a-z-]+)(?: check)?)(.*)$", readme, re.MULTILINE
    )
    assert {"run", "verify", "tariff check"} <= {command for command, _ in lines}
    for command, rest in lines:
        done = subprocess.run(
            [sys.executable, "-c", "from daatgal.cli import main; main()", *command.split(), "--help"],
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, command
        for option in re.findall(r"--[a-z-]+", rest):
            assert f"{option} " in done.stdout, f"{command} {option}"


def test_the_changelog_says_whether_paid_amounts_change() -> None:
    changelog = (ROOT / "CHANGELOG.md").read_text()
    entries = re.split(r"^## ", changelog, flags=re.MULTILINE)[1:]
    assert entries
    for entry in entries:
        assert re.search(r"^Paid amounts: ", entry, re.MULTILINE), entry.splitlines()[0]


def test_the_version_has_a_changelog_entry() -> None:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    assert f"## {version}" in (ROOT / "CHANGELOG.md").read_text()
