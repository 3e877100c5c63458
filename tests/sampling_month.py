"""A drawn month with all that it was drawn from, and the hands of a forger who seals what he changed."""

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from daatgal.outputs import manifest as manifests
from daatgal.outputs import read_manifest
from daatgal.sampling.keys import new_key_file
from daatgal.sampling.run import run_sample
from daatgal.sampling.verify_sample import verify_sample
from tests.sampling_nights import MONTH, default_design, facilities, month_of_claims, write_night


class Month:
    """A drawn month and all that it was drawn from."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.night, self.key, self.out = folder / "night", folder / "key", folder / "sample"
        self.design, self.places = folder / "design.toml", folder / "facilities.parquet"
        ledger, scores = month_of_claims(400, seed=3)
        self.night_hash = write_night(self.night, ledger, scores=scores)
        new_key_file(self.key)
        self.design.write_text(toml(default_design(size__floor=50, strata__smallest=8)), encoding="utf-8")
        pq.write_table(facilities(), self.places)

    def draw(self, **changes: Any):
        given: dict[str, Any] = {
            "nights": [self.night],
            "month": MONTH,
            "design": self.design,
            "key_file": self.key,
            "out": self.out,
            "facilities": self.places,
        }
        return run_sample(**(given | changes))

    def findings(self, *, nights: bool = False, **changes: Any) -> tuple[str, ...]:
        given: dict[str, Any] = {"key_file": self.key}
        if nights:
            given |= {"nights": [self.night], "facilities": self.places}
        return verify_sample(self.out, **(given | changes)).findings

    def rewrite(self, name: str, table: pa.Table) -> None:
        """Replace a table and seal the manifest again, as a forger with all the sources would."""
        path = self.out / name / "part-00000.parquet"
        pq.write_table(table, path)
        content = read_manifest(self.out)
        for part in content["parts"]:
            if part["path"].startswith(f"{name}/"):
                part |= {
                    "rows": table.num_rows,
                    "bytes": path.stat().st_size,
                    "sha256": manifests.hashlib.sha256(path.read_bytes()).hexdigest(),
                }
        self.reseal(content)

    def reseal(self, content: dict[str, Any]) -> None:
        content = content | {"run_hash": manifests.run_hash(content)}
        (self.out / "manifest.json").write_bytes(manifests.render(manifests.sealed(content)))

    def sample(self) -> pa.Table:
        return pq.read_table(self.out / "sample")

    def frame(self) -> pa.Table:
        return pq.read_table(self.out / "frame")


def toml(content: dict[str, Any]) -> str:
    plain = [f"{key} = {json.dumps(value)}" for key, value in content.items() if not isinstance(value, dict)]
    for name, table in content.items():
        if isinstance(table, dict):
            plain += [f"[{name}]", *(f"{key} = {json.dumps(value)}" for key, value in table.items())]
    return "\n".join(plain) + "\n"
