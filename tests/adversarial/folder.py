"""Tables of a tariff book as plain rows in, a folder of CSV files with the contract's exact columns out."""

import csv
from pathlib import Path

PERIOD = ("valid_from", "valid_to", "source")
COLUMNS = {
    "care_types": ("care_type", "priced_by", "stay", "bundled_in", "name_mn", "name_en"),
    "base_rates": ("care_type", "level", "ownership", "base_mnt"),
    "drgs": ("drg_code", "care_type", "name_mn", "name_en", "weight_e4", "total_mnt"),
    "drg_map": (
        "care_type", "icd10_from", "icd10_to", "procedure", "paired_icd10", "age_from", "age_to", "sex", "drg_code",
        "priority",
    ),
    "items": ("care_type", "service_code", "name_mn", "name_en", "unit_mnt"),
    "copay": ("care_type", "level", "drg_code", "service_code", "rate_bp", "fixed_mnt", "keeps_copay"),
    "exemptions": ("kind", "value"),
    "eligibility": ("facility_type", "ownership", "care_type", "needs_contract"),
    "rules": ("rule", "parameter", "value"),
}  # fmt: skip
DEFAULTS = {
    "name_mn": "нэр",
    "name_en": "name",
    "source": "synthetic: made for a test",
    "keeps_copay": "false",
    "priority": "0",
}

Tables = dict[str, list[dict]]


def write_folder(folder: Path, name: str, tables: Tables) -> Path:
    """Write a book; an absent table is an empty one. Cells may be anything that `str` writes well, None is blank."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "tariff.toml").write_text(
        f'name = "{name}"\ntitle = "A book for tests"\njurisdiction = "MN"\ncurrency = "MNT"\n'
        'timezone = "Asia/Ulaanbaatar"\nsource = "synthetic: made for a test"\nsynthetic = true\n',
        encoding="utf-8",
    )
    for table, columns in COLUMNS.items():
        with (folder / f"{table}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow((*columns, *PERIOD))
            for row in tables.get(table, []):
                unknown = set(row) - {*columns, *PERIOD}
                if unknown:
                    raise ValueError(f"{table}: no such columns: {sorted(unknown)}")
                writer.writerow([_cell(row.get(c, DEFAULTS.get(c))) for c in (*columns, *PERIOD)])
    return folder


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
