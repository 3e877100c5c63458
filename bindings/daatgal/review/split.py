"""Cases shared out among auditors, evenly and always in the same way.

In: the cases, and who is to review. Out: an auditor for each case. Two numbers are balanced together: cases and money.
Nothing that must stay hidden at first review has a part in it. No kernel lives here.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from daatgal.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Sequence


def share_among(auditors: Sequence[str], case_ids: Sequence[object], amounts_mnt: Sequence[int]) -> list[str]:
    """Who reviews each case: numbers of cases differ by at most one, and the largest amounts are dealt out first.

    Each round gives one case to everyone, the largest of the round to whoever has least money so far; ties go by a hash
    of the case id, so that names and ids in order do not favour anyone.
    """
    names = [name.strip() for name in auditors if name.strip()]
    if not names or len(set(names)) != len(names):
        raise InputError(f"auditors: found {names}, expected at least one name, each once")
    order = sorted(range(len(case_ids)), key=lambda place: (-amounts_mnt[place], _tie(case_ids[place])))
    money = dict.fromkeys(names, 0)
    chosen = [""] * len(order)
    for start in range(0, len(order), len(names)):
        poorest = sorted(names, key=lambda name: (money[name], names.index(name)))
        for place, name in zip(order[start : start + len(names)], poorest, strict=False):
            chosen[place] = name
            money[name] += amounts_mnt[place]
    return chosen


def _tie(case_id: object) -> str:
    return hashlib.sha256(str(case_id).encode()).hexdigest()


def share_groups(auditors: Sequence[str], groups: Sequence[str]) -> list[str]:
    """Who reviews each case where a region or facility stays in one hand: the largest next to whoever has fewest."""
    names = [name.strip() for name in auditors if name.strip()]
    if not names or len(set(names)) != len(names):
        raise InputError(f"auditors: found {names}, expected at least one name, each once")
    sizes = {group: groups.count(group) for group in set(groups)}
    load = dict.fromkeys(names, 0)
    hand: dict[str, str] = {}
    for group in sorted(sizes, key=lambda group: (-sizes[group], group)):
        hand[group] = min(names, key=lambda name: (load[name], names.index(name)))
        load[hand[group]] += sizes[group]
    return [hand[group] for group in groups]
