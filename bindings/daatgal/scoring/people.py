"""Claims of earlier runs, with all that their people's history holds.

In: ids of claims, the runs that know them. Out: the facts of those claims and of all others of the people concerned,
and where among them those claims are; and the counts of cabinets' days that runs left. No kernel lives here.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pyarrow.compute as pc

from daatgal.errors import InputError
from daatgal.features import CabinetDays, facts_of_state
from daatgal.nights.people import concerned
from daatgal.nights.recall import recall
from daatgal.outputs import read_manifest

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pyarrow as pa

    from daatgal.facilities import Facilities
    from daatgal.features import Facts
    from daatgal.nights.layers import Layer
    from daatgal.pipeline import Settlement
    from daatgal.tariff.book import TariffBook
    from daatgal_engine.columns import I64


def facts_with_their_people(
    claims: pa.Table, layers: Sequence[Layer], facilities: Facilities, book: TariffBook
) -> tuple[Facts, I64]:
    """The facts of everyone whom `claims` (claim_id, insured_id) concern; the row of each of the claims."""
    state = recall(concerned(claims, None, layers), layers).state
    assert state is not None, "the runs that these claims come from have claims"
    rows = pc.index_in(claims["claim_id"].combine_chunks(), value_set=state["claim_id"].combine_chunks())
    return facts_of_state(state, facilities, book), rows.to_numpy().astype(np.int64)


def cabinet_days_of(history: Sequence[Settlement | Path | str]) -> CabinetDays:
    """How many claims each cabinet and doctor has on a day, after all nights of `history`."""
    from daatgal.pipeline import Settlement

    parts: list[pa.Table | Path] = []
    for night in history:
        if isinstance(night, Settlement):
            parts.append(night.cabinet_days)
            continue
        directory = Path(night)
        listed = [part["path"] for part in read_manifest(directory)["parts"]]
        own = [directory / path for path in listed if path.startswith("cabinet_days/")]
        if not own:
            raise InputError(
                f"{directory}: its manifest lists no cabinet_days; expected the folder of a `daatgal run`"
            )
        parts += own
    return CabinetDays(parts)
