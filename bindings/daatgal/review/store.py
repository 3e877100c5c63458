"""Where outcomes are kept: an SQLite file to which rows are only ever added.

In: the drawn cases once, then files of outcomes. Out: every outcome ever stored, with who, when and from where.
Triggers refuse to change, delete or replace a row, and each outcome carries a hash over itself and the one before, so
that what was done past the triggers shows. No kernel lives here.
"""

from __future__ import annotations

import hashlib
import json
import os
import sqlite3
from contextlib import closing, contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from daatgal.errors import InputError, OutputError
from daatgal.review.outcomes import Cases, Outcome, Refusal, Reviewed

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Sequence
    from pathlib import Path

    from daatgal.review.outcomes import Id

FORMAT: Final = 1
_WAIT_S: Final = 30.0
_TABLES: Final = {
    "facts": "name TEXT PRIMARY KEY, value TEXT NOT NULL",
    "claims": "claim_id ANY PRIMARY KEY, case_id ANY NOT NULL, fund_mnt INTEGER NOT NULL,"
    " copay_mnt INTEGER NOT NULL",
    "imports": "import_id INTEGER PRIMARY KEY, at TEXT NOT NULL, who TEXT NOT NULL, file TEXT NOT NULL,"
    " sha256 TEXT NOT NULL",
    "outcomes": "outcome_id INTEGER PRIMARY KEY, import_id INTEGER NOT NULL REFERENCES imports, line INTEGER NOT NULL,"
    " case_id ANY NOT NULL, claim_id ANY, outcome TEXT NOT NULL, amount_mnt INTEGER NOT NULL, auditor TEXT NOT NULL,"
    " reviewed_at TEXT NOT NULL, note TEXT NOT NULL, recorded_at TEXT NOT NULL, hints_open INTEGER NOT NULL,"
    " chain TEXT NOT NULL",
    "refusals": "refusal_id INTEGER PRIMARY KEY, import_id INTEGER NOT NULL REFERENCES imports, line INTEGER NOT NULL,"
    " about TEXT NOT NULL, found TEXT NOT NULL, expected TEXT NOT NULL",
    "exports": "export_id INTEGER PRIMARY KEY, at TEXT NOT NULL, who TEXT NOT NULL, role TEXT NOT NULL,"
    " kind TEXT NOT NULL, cases INTEGER NOT NULL",
    "opened": "opened_id INTEGER PRIMARY KEY, export_id INTEGER NOT NULL REFERENCES exports, case_id ANY NOT NULL",
}


class Recorded(NamedTuple):
    """An outcome as it is stored."""

    outcome_id: int
    review: Reviewed
    file: str
    recorded_at: datetime
    hints_open: bool
    """the auditor may have seen why this case was drawn"""


class Store:
    """An open review store; `create_store` makes one, `open_store` opens it."""

    def __init__(self, path: Path, connection: sqlite3.Connection) -> None:
        self.path = path
        self._connection = connection

    @property
    def facts(self) -> dict[str, Any]:
        """What was fixed when the work lists were first made: the sample, its month, the rule for non-response."""
        return {name: json.loads(value) for name, value in self._rows("SELECT name, value FROM facts")}

    def cases(self) -> Cases:
        """The drawn cases, with what the fund paid at the draw."""
        claims: dict[Id, dict[Id, int]] = {}
        case_of: dict[Id, Id] = {}
        for claim_id, case_id, fund_mnt in self._rows(
            "SELECT claim_id, case_id, fund_mnt FROM claims ORDER BY rowid"
        ):
            claims.setdefault(case_id, {})[claim_id] = fund_mnt
            case_of[claim_id] = case_id
        fund_mnt = {case: sum(parts.values()) for case, parts in claims.items()}
        return Cases(fund_mnt, claims, case_of, bool(self.facts["whole_ids"]))

    def copayments(self) -> dict[Id, int]:
        """What the insured paid for each claim, at the draw."""
        return dict(self._rows("SELECT claim_id, copay_mnt FROM claims"))

    def outcomes(self) -> list[Recorded]:
        """Every outcome in the order of storing. Raises OutputError where one was changed behind the store."""
        chain, found = "", list[Recorded]()
        for row in self._rows(
            "SELECT outcome_id, line, case_id, claim_id, outcome, amount_mnt, auditor, reviewed_at, note, file,"
            " recorded_at, hints_open, chain FROM outcomes JOIN imports USING (import_id) ORDER BY outcome_id"
        ):
            number, line, case_id, claim_id, outcome, amount, auditor, reviewed_at, note = row[:9]
            review = Reviewed(
                line,
                case_id,
                claim_id,
                Outcome(outcome),
                amount,
                auditor,
                datetime.fromisoformat(reviewed_at),
                note,
            )
            record = Recorded(number, review, row[9], datetime.fromisoformat(row[10]), bool(row[11]))
            chain = _chain(chain, review, record.recorded_at, record.hints_open)
            if chain != row[12] or number != len(found) + 1:
                raise OutputError(
                    f"{self.path}: outcome {number} is not as it was stored; "
                    "expected a store that only daatgal wrote to"
                )
            found.append(record)
        return found

    def refusals(self) -> list[Refusal]:
        """Every line that was not taken."""
        rows = self._rows(
            "SELECT file, line, about, found, expected FROM refusals JOIN imports USING (import_id) ORDER BY refusal_id"
        )
        return [Refusal(*row) for row in rows]

    def record(
        self,
        file: str,
        sha256: str,
        reviews: Sequence[Reviewed],
        refused: Iterable[Refusal],
        who: str,
        at: datetime,
    ) -> None:
        """Store one file's outcomes and what was refused of it, all or nothing."""
        with self._transaction():
            opened = {case for (case,) in self._rows("SELECT case_id FROM opened")}
            done = self.outcomes()
            chain = self._rows("SELECT chain FROM outcomes ORDER BY outcome_id DESC LIMIT 1")
            import_id = self._add("imports", at.isoformat(), who, file, sha256)
            last = chain[0][0] if chain else ""
            for number, review in enumerate(reviews, len(done) + 1):
                hints_open = review.case_id in opened
                last = _chain(last, review, at, hints_open)
                self._connection.execute(
                    "INSERT INTO outcomes VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                    (number, import_id, review.line, review.case_id, review.claim_id, str(review.outcome),
                     review.amount_mnt, review.auditor, review.reviewed_at.isoformat(), review.note,
                     at.isoformat(), int(hints_open), last),
                )  # fmt: skip
            self._connection.executemany(
                "INSERT INTO refusals VALUES (NULL, ?, ?, ?, ?, ?)",
                [(import_id, line, column, found, expected) for _, line, column, found, expected in refused],
            )

    def exported(
        self, kind: str, who: str, role: str, cases: Sequence[Id], at: datetime, *, hints: bool
    ) -> None:
        """Note who was given which list; with `hints`, that these cases are blind no longer."""
        with self._transaction():
            export_id = self._add("exports", at.isoformat(), who, role, kind, len(cases))
            if hints:
                for case in cases:
                    self._add("opened", export_id, case)

    def exports(self) -> list[dict[str, object]]:
        """Every list that was handed out."""
        names = ("at", "who", "role", "kind", "cases")
        rows = self._rows("SELECT at, who, role, kind, cases FROM exports ORDER BY export_id")
        return [dict(zip(names, row, strict=True)) for row in rows]

    def _add(self, table: str, *values: object) -> int:
        marks = ", ".join(["NULL", *["?"] * len(values)])
        cursor = self._connection.execute(f"INSERT INTO {table} VALUES ({marks})", values)  # noqa: S608 - our own names
        return cursor.lastrowid or 0

    def _rows(self, query: str) -> list[Any]:
        try:
            return self._connection.execute(query).fetchall()
        except sqlite3.Error as error:
            raise OutputError(f"{self.path}: cannot be read as a review store: {error}") from error

    @contextmanager
    def _transaction(self) -> Generator[None]:
        try:
            self._connection.execute("BEGIN IMMEDIATE")
            with self._connection:
                yield
        except sqlite3.Error as error:
            raise OutputError(f"{self.path}: nothing was stored: {error}") from error


def create_store(path: Path, facts: dict[str, Any], claims: Iterable[tuple[Id, Id, int, int]]) -> None:
    """Write a new store that only its owner may read; one that is there is never touched.

    `claims`: claim_id, case_id, fund_mnt and copay_mnt at the draw.
    """
    staged = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        os.close(os.open(staged, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
        with closing(_connected(staged)) as connection:
            _fill(connection, facts, claims)
        os.link(staged, path)
    except (OSError, sqlite3.Error) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise OutputError(f"{path}: a store cannot be made here ({reason})") from error
    finally:
        staged.unlink(missing_ok=True)


def _fill(
    connection: sqlite3.Connection, facts: dict[str, Any], claims: Iterable[tuple[Id, Id, int, int]]
) -> None:
    connection.execute("BEGIN IMMEDIATE")
    for table, columns in _TABLES.items():
        connection.execute(f"CREATE TABLE {table} ({columns}) STRICT")
        key = columns.split(" ", 1)[0]
        for verb in ("UPDATE", "DELETE"):
            connection.execute(
                f"CREATE TRIGGER {table}_{verb.lower()} BEFORE {verb} ON {table} "
                "BEGIN SELECT RAISE(ABORT, 'nothing in a review store is changed or deleted'); END"
            )
        connection.execute(
            f"CREATE TRIGGER {table}_replace BEFORE INSERT ON {table} "  # noqa: S608 - our own names
            f"WHEN EXISTS (SELECT 1 FROM {table} WHERE {key} = NEW.{key}) "
            "BEGIN SELECT RAISE(ABORT, 'nothing in a review store is replaced'); END"
        )
    content = [(name, json.dumps(value, ensure_ascii=False)) for name, value in facts.items()]
    connection.executemany("INSERT INTO facts VALUES (?, ?)", [*content, ("format", str(FORMAT))])
    connection.executemany("INSERT INTO claims VALUES (?, ?, ?, ?)", claims)
    connection.execute("COMMIT")


@contextmanager
def open_store(path: Path) -> Generator[Store]:
    """Open a store. Raises InputError where there is none."""
    if not path.is_file():
        raise InputError(f"{path}: found no review store, expected one that `daatgal worklist` made")
    with closing(_connected(path)) as connection:
        store = Store(path, connection)
        if store.facts.get("format") != FORMAT:
            raise InputError(f"{path}: found format {store.facts.get('format')!r}, expected {FORMAT}")
        yield store


def _connected(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=_WAIT_S, isolation_level=None)
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA synchronous = FULL")
    return connection


def _chain(before: str, review: Reviewed, recorded_at: datetime, hints_open: bool) -> str:
    content = [before, *(str(value) if isinstance(value, datetime) else value for value in review)]
    spelling = json.dumps([*content, recorded_at.isoformat(), hints_open], ensure_ascii=False)
    return hashlib.sha256(spelling.encode()).hexdigest()
