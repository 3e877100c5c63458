"""The page of features says what the code says."""

from pathlib import Path

from daatgal.features import FEATURES
from daatgal.features.listing import features_table

PAGE = Path(__file__).parents[1] / "docs" / "features.md"


def test_the_table_is_that_of_the_code():
    page = PAGE.read_text(encoding="utf-8")
    assert page.endswith("\n## The features\n\n" + features_table())
    assert all(page.count(f"| `{feature.name}` |") == 1 for feature in FEATURES)
