"""An xlsx workbook from outside, looked through before it is read.

In: the bytes of a file. Out: the rows of its first sheet, and which cells hold formulas. A workbook is a zip of XML,
so a small file can unfold into a huge one, and one cell far down can ask for memory for all above it: sizes, document
types and the outermost cell are checked in a stream first. No kernel lives here.
"""

from __future__ import annotations

import io
import zipfile
import zlib
from typing import TYPE_CHECKING, NamedTuple
from xml.parsers import expat  # it refuses every document type here, so no entity is ever declared

from daatgal.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping

MOST_MEMBERS = 1_000
MOST_BYTES = 1 << 29
"""of all members together, unfolded"""
MOST_CELLS = 20_000_000
"""rows × columns of the rectangle that holds every cell"""
_STEP = 1 << 20
_LONGEST_NUMBER = 12
"""digits of a row, letters of a column: more are too far out in any case"""
_CELLS_BEGIN = b"sheetData"


class Sheet(NamedTuple):
    """The first sheet of a workbook."""

    rows: list[list[object]]
    """from row 1 on, also where the first rows are empty"""
    formulas: frozenset[tuple[int, int]]
    """(row, column) of each cell with a formula, both counted from 1"""


def read_first_sheet(data: bytes, name: str) -> Sheet:
    """Read a workbook; InputError names what is too large, malformed or not to be trusted."""
    formulas = _look_through(data, name)
    from python_calamine import CalamineError, CalamineWorkbook

    try:
        with CalamineWorkbook.from_filelike(io.BytesIO(data)) as workbook:
            rows = workbook.get_sheet_by_index(0).to_python(skip_empty_area=False)
    except (CalamineError, OSError, ValueError) as error:
        raise InputError(f"{name}: cannot be read as a workbook: {error}") from error
    return Sheet([list(row) for row in rows], formulas)


def _look_through(data: bytes, name: str) -> frozenset[tuple[int, int]]:
    """Unfold every member in a stream: sizes, entities, the outermost cell, the cells with formulas."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = archive.infolist()
            if len(members) > MOST_MEMBERS:
                raise InputError(f"{name}: found {len(members)} members, expected at most {MOST_MEMBERS}")
            left = MOST_BYTES
            formulas: set[tuple[int, int]] = set()
            for member in members:
                if member.flag_bits & 1:
                    raise InputError(f"{name}: found an encrypted workbook, expected one without a password")
                cells = _Cells(name, member.filename)
                with archive.open(member) as file:
                    while piece := file.read(_STEP):
                        left -= len(piece)
                        if left < 0:
                            raise InputError(
                                f"{name}: unfolds to more than {MOST_BYTES >> 20} MiB, expected a list of outcomes"
                            )
                        cells.look_at(piece)
                formulas |= cells.formulas
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError, OSError) as error:
        raise InputError(f"{name}: cannot be read as a workbook: {error}") from error
    return frozenset(formulas)


class _Cells:
    """Where the cells of a member are, as its elements pass; what is no XML must not look like a sheet."""

    def __init__(self, name: str, member: str) -> None:
        self.formulas: set[tuple[int, int]] = set()
        self._name, self._member = name, member
        self._here = (0, 0)
        self._columns = 1
        self._end = b""
        self._malformed = self._sheet = False
        self._parser = expat.ParserCreate("UTF-8")
        self._parser.StartElementHandler = self._element
        self._parser.StartDoctypeDeclHandler = self._doctype

    def look_at(self, piece: bytes) -> None:
        """The next bytes of the member."""
        self._sheet = self._sheet or _CELLS_BEGIN in self._end + piece
        self._end = piece[-len(_CELLS_BEGIN) :]
        if not self._malformed:
            try:
                self._parser.Parse(piece, False)
            except expat.ExpatError:
                self._malformed = True
        if self._malformed and self._sheet:
            raise InputError(f"{self._name}: found a sheet that is not XML in {self._member}")

    def _doctype(self, *declared: object) -> None:
        del declared
        raise InputError(f"{self._name}: found a document type in {self._member}, expected plain sheets")

    def _element(self, element: str, attributes: Mapping[str, str]) -> None:
        kind = element.rpartition(":")[2]
        if kind == "c":
            self._cell(attributes.get("r"))
        elif kind == "row":
            row = attributes.get("r", "")
            self._here = (int(row[:_LONGEST_NUMBER]) if row.isdecimal() else self._here[0] + 1, 0)
        elif kind == "f":
            self.formulas.add(self._here)

    def _cell(self, reference: str | None) -> None:
        row, column = self._here
        if reference is None:
            self._here = (row, column + 1)
        else:
            letters = reference.rstrip("0123456789")
            digits = reference[len(letters) :]
            self._here = (int(digits[:_LONGEST_NUMBER]) if digits else row, _column(letters))
        self._columns = max(self._columns, self._here[1])
        if self._here[0] * self._columns > MOST_CELLS:
            raise InputError(
                f"{self._name}: found a cell in row {self._here[0]:,}, column {self._here[1]:,}; expected "
                f"at most {MOST_CELLS:,} cells from the first to the last"
            )


def _column(letters: str) -> int:
    number = 0
    for letter in letters.upper()[:_LONGEST_NUMBER]:
        number = number * 26 + abs(ord(letter) - 64)
    return number
