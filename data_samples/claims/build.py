"""Draws the sample claims of this folder again: `python data_samples/claims/build.py`.

In: the generator and the book `mn-demo`. Out: claims.parquet, facilities.csv, insured.parquet, truth.parquet and
forty.csv, the same bytes every time.
"""

from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as csv
import pyarrow.parquet as pq

from daatgal.generate import generate

HERE = Path(__file__).parent
CLAIMS, SEED, MONTH = 5_000, 20190401, "2019-04"
ORDINARY = 12


def main() -> None:
    """Write the files."""
    batch = generate(CLAIMS, seed=SEED, book=HERE.parent / "tariffs" / "mn-demo", first_month=MONTH)
    pq.write_table(batch.claims, HERE / "claims.parquet", compression="zstd")
    pq.write_table(batch.insured, HERE / "insured.parquet", compression="zstd")
    pq.write_table(batch.truth, HERE / "truth.parquet", compression="zstd")
    csv.write_csv(_flat(batch.facilities), HERE / "facilities.csv")
    csv.write_csv(_flat(_forty(batch.claims, batch.truth)), HERE / "forty.csv")


def _forty(claims: pa.Table, truth: pa.Table) -> pa.Table:
    """A dozen ordinary claims, and of every kind in the truth one with the claim it belongs to."""
    shown = dict.fromkeys(claims["claim_id"].to_pylist()[:ORDINARY])
    seen: set[str] = set()
    said: dict[str, str] = {}
    for row in truth.to_pylist():
        if row["kind"] not in seen:
            seen.add(row["kind"])
            shown |= dict.fromkeys(
                name for name in (row["related_claim_id"], row["claim_id"]) if name is not None
            )
            said[row["claim_id"]] = row["kind"]
    rows = claims.filter(pc.is_in(claims["claim_id"], pa.array(list(shown))))
    return rows.append_column(
        "what_was_done", pa.array([said.get(name) for name in rows["claim_id"].to_pylist()])
    )


def _flat(table: pa.Table) -> pa.Table:
    """Lists become codes with `|` between them, as the contract has them in CSV."""
    for place, field in enumerate(table.schema):
        if pa.types.is_list(field.type):
            table = table.set_column(place, field.name, pc.binary_join(table[field.name], "|"))
    return table


if __name__ == "__main__":
    main()
