"""The features as a page of the documentation.

In: `FEATURES`. Out: a table in Markdown, one line for each.
"""

from daatgal.features.catalogue import FEATURES
from daatgal.features.peers import DEPTHS


def features_table() -> str:
    """The lines of the table in `docs/features.md`."""
    lines = ["| feature | what it is | peers | without | reason |", "|---|---|---|---|---|"]
    for feature in FEATURES:
        peers = "" if feature.peers is None else DEPTHS[0]
        texts = f"{feature.text_en}<br>{feature.text_mn}"
        lines.append(f"| `{feature.name}` | {feature.what_en} | {peers} | {feature.neutral:g} | {texts} |")
    return "\n".join(lines) + "\n"
