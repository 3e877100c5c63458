"""The design file: every key there, none unknown, and a message for each thing that is wrong."""

import tomllib
from pathlib import Path

import pytest

from daatgal.errors import InputError
from daatgal.sampling.design import DEFAULT_DESIGN, Design, load_design
from tests.sampling_nights import a_design, default_design

SAMPLE = Path(__file__).parents[1] / "data_samples" / "sampling" / "design.toml"
TEXT = DEFAULT_DESIGN.read_text(encoding="utf-8")


def test_the_sample_design_is_the_one_that_comes_with_the_program():
    assert SAMPLE.read_bytes() == DEFAULT_DESIGN.read_bytes()
    assert load_design(SAMPLE) == a_design()


def test_every_key_is_explained():
    for line in TEXT.splitlines():
        if line and not line.startswith("#"):
            assert "#" in line or line in {"factors", "[strata]", "[draw]", "[precision]"} or "=" in line
    keys = {key for table in tomllib.loads(TEXT).values() if isinstance(table, dict) for key in table}
    assert keys == {name for field in Design.model_fields.values() for name in _keys(field.annotation)}


def _keys(annotation):
    return getattr(annotation, "model_fields", {})


def _refused(tmp_path: Path, old: str, new: str) -> str:
    assert old in TEXT
    path = tmp_path / "design.toml"
    path.write_text(TEXT.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(InputError) as found:
        load_design(path)
    assert str(found.value).startswith(f"design {path}: ")
    return str(found.value).removeprefix(f"design {path}: ")


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("rate_bp = 40", "rate_pb = 40", "size.rate_bp is missing; every key has to be given"),
        ("rate_bp = 40", "rate_bp = 40\nextra = 1", "size.extra is no key of a design"),
        ("[size]", "[sizes]", "size is missing"),
        ("rate_bp = 40", 'rate_bp = "40"', "size.rate_bp: Input should be a valid integer, found '40'"),
        ("rate_bp = 40", "rate_bp = 0", "size.rate_bp: Input should be greater than or equal to 1, found 0"),
        ("rate_bp = 40", "rate_bp = 40.5", "size.rate_bp: "),
        ("floor = 200", "floor = true", "size.floor: "),
        ("percentile = 99.9", "percentile = 100.1", "certainty.percentile: "),
        ("percentile = 99.9", "percentile = nan", "certainty.percentile: "),
        ("[95.0, 99.0]", "[99.0, 95.0]", "risk: percentile_cuts has to ascend, found [99.0, 95.0]"),
        ("[95.0, 99.0]", "[]", "risk.percentile_cuts: "),
        (
            "factors = [1, 2]",
            "factors = [1]",
            "risk: one factor for each band of risk: found 1 factors for 2",
        ),
        ("[100_000, 1_000_000]", "[100, 100]", "risk: amount_cuts_mnt has to ascend, found [100, 100]"),
        ('unit = "case"', 'unit = "person"', "unit: Input should be 'case' or 'claim', found 'person'"),
        (
            '["region", "care_type"]          # then',
            '["region", "region"]  # then',
            "risk: within names each dimension once",
        ),
        ('["region", "care_type"]          # then', '["amount"]  # then', "risk.within.0: "),
        ("minimum = 2", "minimum = 1", "strata.minimum: Input should be greater than or equal to 2, found 1"),
        ('"simple" ', '"complex" ', "draw.method: "),
        ("share_bp = 3000", "share_bp = 10000", "baseline.share_bp: "),
        ("[size]", "[size", "is not TOML in UTF-8"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, old: str, new: str, expected: str):
    assert expected in _refused(tmp_path, old, new)


def test_all_that_is_wrong_is_named_at_once(tmp_path: Path):
    message = _refused(tmp_path, "rate_bp = 40", "rat_bp = 40")
    assert "size.rate_bp is missing" in message
    assert "size.rat_bp is no key" in message


def test_a_file_that_is_not_there_or_not_text(tmp_path: Path):
    with pytest.raises(InputError, match=r"nowhere\.toml: cannot be read"):
        load_design(tmp_path / "nowhere.toml")
    (tmp_path / "latin.toml").write_bytes("unit = 'é'".encode("latin-1"))
    with pytest.raises(InputError, match="is not TOML in UTF-8"):
        load_design(tmp_path / "latin.toml")


def test_a_design_goes_through_a_manifest_unchanged():
    import json

    from daatgal.sampling.design import design_of

    design = a_design(draw__method="pareto")
    assert design_of(json.loads(json.dumps(design.model_dump())), "manifest") == design


def test_strata_of_places_need_the_facilities():
    assert a_design().needs_facilities
    assert not a_design(risk__within=["care_type"], baseline__within=["amount"]).needs_facilities
    assert default_design()["risk"]["within"] == ["region", "care_type"]
