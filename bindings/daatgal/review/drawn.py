"""A drawn sample as its run left it: the rows, and what the manifest says of the strata.

In: the folder of a drawn month. Out: `Drawn`. A part whose bytes are not those of the manifest is refused. No kernel
lives here.
"""

from __future__ import annotations

import hashlib
import io
from typing import TYPE_CHECKING, Any, NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq

from daatgal.errors import InputError
from daatgal.outputs import read_manifest
from daatgal.outputs.reading import parts_of
from daatgal.review.outcomes import Cases

if TYPE_CHECKING:
    from pathlib import Path

NEEDED = (
    "case_id", "claim_ids", "stratum", "source", "facility_id", "care_type", "region", "level", "amount_mnt",
    "score", "percentile", "inclusion_probability", "weight", "reasons",
)  # fmt: skip


class Drawn(NamedTuple):
    """A month's sample."""

    sample: pa.Table
    """one row a case, with `stratum_cases` and `stratum_drawn`"""
    directory: Path
    run_hash: str
    month: str
    frame_amount_mnt: int
    by_amount: bool
    """drawn with probabilities that follow amounts"""
    nights: tuple[str, ...]
    """run hashes of the nights that the frame was made from, other than this folder's own"""

    @property
    def whole_ids(self) -> bool:
        """Ids are int64."""
        return pa.types.is_integer(self.sample.schema.field("case_id").type)

    def cases(self) -> Cases:
        """The cases that outcomes can be of; what was paid for each claim is not known here."""
        ids, claims = self.sample["case_id"].to_pylist(), self.sample["claim_ids"].to_pylist()
        amounts = self.sample["amount_mnt"].to_pylist()
        return Cases(
            dict(zip(ids, amounts, strict=True)),
            {case: dict.fromkeys(parts) for case, parts in zip(ids, claims, strict=True)},
            {claim: case for case, parts in zip(ids, claims, strict=True) for claim in parts},
            self.whole_ids,
        )


def read_drawn(directory: Path) -> Drawn:
    """Read the sample of a drawn month. Raises InputError, OutputError for what is no such folder or was changed."""
    manifest = read_manifest(directory)
    facts = manifest["control_totals"].get("sample")
    if facts is None:
        raise InputError(
            f"{directory}: its manifest speaks of no sample; expected the folder of a drawn month"
        )
    sample = read_parts(directory, manifest, "sample")
    missing = [name for name in NEEDED if name not in sample.column_names]
    if missing:
        raise InputError(
            f"{directory}: found a sample without {', '.join(missing)}; expected a month that was drawn"
        )
    return Drawn(
        with_sizes(sample, facts["strata"], directory),
        directory,
        manifest["run_hash"],
        facts["month"],
        facts["amount_mnt"],
        facts["design"]["draw"]["method"] != "simple",
        tuple(night for night in facts["nights"] if night is not None),
    )


def read_parts(directory: Path, manifest: dict[str, Any], table: str) -> pa.Table:
    """One table of a results folder, every byte checked. Raises InputError."""
    tables: list[pa.Table] = []
    for part in parts_of(manifest, table):
        try:
            data = (directory / part["path"]).read_bytes()
        except OSError as error:
            raise InputError(f"{directory / part['path']}: cannot be read ({error.strerror})") from error
        if hashlib.sha256(data).hexdigest() != part["sha256"]:
            raise InputError(
                f"{directory / part['path']}: was changed after it was written; expected it as drawn"
            )
        tables.append(pq.read_table(io.BytesIO(data)))
    if not tables:
        raise InputError(f"{directory}: its manifest lists no {table}")
    return pa.concat_tables(tables)


def with_sizes(sample: pa.Table, strata: list[dict[str, Any]], directory: Path) -> pa.Table:
    """The sample with the size of each case's stratum, in the frame and drawn."""
    sizes = {stratum["name"]: (stratum["cases"], stratum["drawn"]) for stratum in strata}
    names = sample["stratum"].to_pylist()
    unknown = set(names) - sizes.keys()
    if unknown:
        raise InputError(f"{directory}: found stratum {min(unknown)!r}, which its manifest does not have")
    for place, name in enumerate(("stratum_cases", "stratum_drawn")):
        sample = sample.append_column(
            name, pa.array([sizes[stratum][place] for stratum in names], pa.int64())
        )
    return sample
