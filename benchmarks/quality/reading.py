"""Why a kind's true feature does not lead, as was found by looking; printed only of kinds that fail.

In: nothing. Out: `WHY`, by source and kind.
"""

from typing import Final

WHY: Final[dict[tuple[str, str], str]] = {}
