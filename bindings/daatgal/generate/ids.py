"""Identifiers: numbers that count the claims and the people become ids that tell nothing.

In flow counters; out flow Arrow arrays of twelve-character strings or of int64. A permutation of 2^55 keeps distinct
counters distinct without a table of what was given out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from daatgal.generate.draws import scramble

if TYPE_CHECKING:
    from typing import TypeAlias

    from daatgal.generate.rows import I64, Bools

    AnyArray: TypeAlias = pa.Array[Any]

ALPHABET = np.frombuffer(b"0123456789ABCDEFGHJKMNPQRSTVWXYZ", dtype=np.uint8)
"""Crockford's base 32: no letter that is mistaken for a digit."""
DIGITS = 11


def claim_ids(number: I64, seed: int, id_type: str) -> AnyArray:
    """The claim ids of counters; NONE (-1) becomes null."""
    return _ids("C", number, seed, "claim", id_type)


def person_ids(number: I64, seed: int, id_type: str) -> AnyArray:
    """The insured ids of counters; NONE (-1) becomes null."""
    return _ids("P", number, seed, "insured", id_type)


def numbered(prefix: str, number: I64, digits: int, null: Bools) -> AnyArray:
    """`prefix` and the decimal digits of each number, null where `null` says so."""
    text = np.empty((number.size, 1 + digits), dtype=np.uint8)
    text[:, 0] = ord(prefix)
    rest = number.astype(np.uint64)
    for place in range(digits, 0, -1):
        rest, digit = np.divmod(rest, np.uint64(10))
        text[:, place] = digit.astype(np.uint8) + ord("0")
    return fixed_width(text, null)


def _ids(prefix: str, number: I64, seed: int, domain: str, id_type: str) -> AnyArray:
    null = number < 0
    code = scramble(np.where(null, 0, number), seed, domain)
    if id_type == "int64":
        return pa.array(code.astype(np.int64), pa.int64(), mask=null)
    text = np.empty((number.size, 1 + DIGITS), dtype=np.uint8)
    text[:, 0] = ord(prefix)
    for place in range(DIGITS):
        shift = np.uint64(5 * (DIGITS - 1 - place))
        text[:, 1 + place] = ALPHABET[(code >> shift) & np.uint64(31)]
    return fixed_width(text, null)


def fixed_width(text: np.ndarray[tuple[int, int], np.dtype[np.uint8]], null: Bools) -> AnyArray:
    """A string array whose row i is the bytes of `text[i]`; where `null`, none."""
    n, width = text.shape
    keep = ~null
    length = np.where(keep, width, 0)
    offset = np.zeros(n + 1, dtype=np.int32)
    np.cumsum(length, out=offset[1:])
    data = text if keep.all() else text[keep]
    valid = None if keep.all() else pa.py_buffer(np.packbits(keep, bitorder="little").tobytes())
    return pa.StringArray.from_buffers(n, _buffer(offset), _buffer(np.ascontiguousarray(data)), valid)


def _buffer(array: Any) -> pa.Buffer:
    """The bytes of an array, not copied."""
    return pa.py_buffer(array)
