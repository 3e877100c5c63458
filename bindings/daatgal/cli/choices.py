"""An option that takes one of a few words.

In: what was typed. Out: the member that it names, None where nothing was typed. No kernel lives here.
"""

from enum import StrEnum
from typing import TypeVar

from daatgal.errors import InputError

Choice = TypeVar("Choice", bound=StrEnum)


def choice(option: str, typed: str, choices: type[Choice]) -> Choice | None:
    """The member of `choices` with this value. Raises InputError naming those there are."""
    if not typed:
        return None
    try:
        return choices(typed)
    except ValueError as error:
        expected = ", ".join(str(member) for member in choices)
        raise InputError(f"--{option}: found {typed!r}, expected one of {expected}") from error
