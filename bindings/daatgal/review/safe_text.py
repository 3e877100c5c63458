"""Text that a spreadsheet will not take for a formula.

In: text. Out: the same, with `'` before it where it begins with a character that makes a spreadsheet calculate; and
back. No kernel lives here. Source: audit.md §7.
"""

from __future__ import annotations

from typing import Final

MARK: Final = "'"
CALCULATING: Final = ("=", "+", "-", "−", "@", "\t", "\r")


def with_mark(text: str) -> str:
    """The text as it may be written into a cell."""
    return MARK + text if text.startswith(CALCULATING) else text


def without_mark(text: str) -> str:
    """The text that `with_mark` was given."""
    return text[1:] if text.startswith(MARK) and text[1:].startswith(CALCULATING) else text
