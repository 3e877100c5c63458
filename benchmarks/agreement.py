"""Outputs compared before any time counts: decoded columns and ledgers. A difference ends the benchmark."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from benchmarks.sql.inputs import LEDGER
from daatgal.decode import Decoded
from daatgal_engine.clinical_codes import NOT_GIVEN
from daatgal_engine.columns import NEVER_S, NO_DAY, NO_MNT


class DisagreementError(AssertionError):
    """Two sides of a comparison gave different outputs."""


def same_ledgers(ours: pa.Table, theirs: pa.Table, peer: str) -> int:
    """Every ledger column equal on every row, in input order; the number of rows compared."""
    if ours.num_rows != theirs.num_rows:
        raise DisagreementError(f"{peer}: {theirs.num_rows} ledger rows against our {ours.num_rows}")
    for name in LEDGER:
        mine, other = (_plain(table[name]) for table in (ours, theirs))
        if not mine.equals(other.cast(mine.type)):
            rows = _differing(mine, other)
            at = int(rows[0])
            claim = ours["claim_id"][at].as_py()
            raise DisagreementError(
                f"{peer}: {name} differs on {len(rows)} rows, first on claim {claim!r}: "
                f"found {other[at].as_py()!r}, expected {mine[at].as_py()!r}"
            )
    return ours.num_rows


def _plain(column: pa.ChunkedArray) -> pa.ChunkedArray:
    if pa.types.is_dictionary(column.type):
        return column.cast(column.type.value_type)
    return column


def _differing(mine: pa.ChunkedArray, other: pa.ChunkedArray) -> np.ndarray:
    if pa.types.is_list(mine.type):
        pairs = zip(mine.to_pylist(), other.to_pylist(), strict=True)
        return np.flatnonzero([a != b for a, b in pairs])
    unlike = pc.fill_null(pc.not_equal(mine, other.cast(mine.type)), fill_value=False)
    either = pc.not_equal(pc.is_null(mine), pc.is_null(other))
    return np.flatnonzero(pc.or_(unlike, either).to_numpy())


def same_columns(decoded: Decoded, theirs: pa.Table) -> list[str]:
    """DuckDB's normalised columns equal ours; hashes and codes up to their numbering. The columns compared."""
    ours = decoded.columns
    for name, mine in (("claim_hash", ours.claim.hash), ("insured_hash", ours.insured.hash)):
        _same_numbering(name, mine, theirs[name])
    coded = {
        "facility": ours.facility,
        "department": ours.department,
        "specialty": ours.specialty,
        "care_type": ours.care_type,
        "service": ours.service,
        "site": ours.site,
    }
    for name, codes in coded.items():
        _same_numbering(name, np.where(codes < 0, -1, codes), theirs[name])
    _same_text("icd10", _codes(ours.icd10), theirs["icd10"])
    _same_text("secondary", _codes(ours.secondary), _flat(theirs["secondary"]))
    _same_text("procedures", _codes(ours.procedure), _flat(theirs["procedures"]))
    numbers = {
        "message": (ours.message, 0),
        "quantity": (ours.quantity, 1),
        "billed_mnt": (ours.billed_mnt, int(NO_MNT)),
        "start_s": (ours.start_s, 0),
        "end_s": (ours.end_s, 0),
        "submitted_s": (ours.submitted_s, int(NEVER_S)),
        "sex": (ours.sex, 0),
        "birth_day": (ours.birth_day, int(NO_DAY)),
        "positive": (ours.positive, 0),
        "ordered": (ours.ordered, 0),
        "secondary lengths": (np.diff(ours.secondary_offset), 0),
        "procedure lengths": (np.diff(ours.procedure_offset), 0),
    }
    lengths = {
        "secondary lengths": pc.list_value_length(theirs["secondary"]),
        "procedure lengths": pc.list_value_length(theirs["procedures"]),
    }
    for name, (mine, absent) in numbers.items():
        column = lengths[name] if name in lengths else theirs[name]
        other = pc.fill_null(column.cast(pa.int64()), absent).to_numpy()
        _same(name, bool(np.array_equal(mine, other)))
    return ["claim_hash", "insured_hash", *coded, "icd10", "secondary", "procedures", *numbers]


def _same(name: str, equal: bool) -> None:
    if not equal:
        raise DisagreementError(f"DuckDB's {name} is not ours")


def _same_text(name: str, mine: pa.Array, other: pa.ChunkedArray | pa.Array) -> None:
    _same(name, pa.chunked_array([mine]).equals(pa.chunked_array([pa.concat_arrays(_chunks(other))])))


def _chunks(column: pa.ChunkedArray | pa.Array) -> list[pa.Array]:
    return column.chunks if isinstance(column, pa.ChunkedArray) else [column]


def _flat(lists: pa.ChunkedArray) -> pa.Array:
    return pa.concat_arrays([chunk.flatten() for chunk in lists.chunks])


def _codes(packed: np.ndarray) -> pa.Array:
    """Left-justified characters of an integer as text; null where there is no such code."""
    width = packed.dtype.itemsize
    text = packed.byteswap().view(f"S{width}").astype(f"U{width}")
    return pa.array(text, pa.string(), mask=packed <= NOT_GIVEN)


def _same_numbering(name: str, mine: np.ndarray, other: pa.ChunkedArray) -> None:
    """Rows are equal on our side exactly where they are on theirs."""
    pairs = pa.table({"mine": mine, "other": other.combine_chunks()})
    both = pairs.group_by(["mine", "other"]).aggregate([]).num_rows
    _same(name, both == len(pc.unique(pairs["mine"])) == len(pc.unique(pairs["other"])))
