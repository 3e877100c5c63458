"""What the history says: lists of what stands, counted anew for every question."""

from math import ceil, log

from tests.feature_oracle import claims as c

ENOUGH = 30


def bin_of(value: int) -> tuple[int, int]:
    """The least value of the bin, and how many values it holds."""
    if value < 64:
        return value, 1
    width = 2 ** (value.bit_length() - 6)
    return value // width * width, width


def middle(value: int) -> float:
    least, width = bin_of(value)
    return least + (width - 1) / 2


def ranked(values: list, part: float) -> float:
    """The value up to which there are at least that part of them."""
    return sorted(values)[ceil(len(values) * part) - 1]


class History:
    """Standing claims, and questions about them."""

    def __init__(self, rows: list[dict], facilities: list[dict]) -> None:
        self.rows = [row for row in rows if c.stands(row)]
        self.facilities = facilities

    def place(self, row: dict) -> tuple:
        return c.place(row, self.facilities)

    def peers(self, row: dict, measure: str) -> list[list[int]]:
        """The values of the peers, from the narrowest group to the widest."""
        level, region = self.place(row)
        asked = ((c.group(row), level, region), (c.group(row), level), (c.group(row),), row["care_type"])
        found: list[list[int]] = [[], [], [], []]
        for other in self.rows:
            value = c.measure(other, measure)
            if value is None:
                continue
            its_level, its_region = self.place(other)
            keys = ((c.group(other), its_level, its_region), (c.group(other), its_level), (c.group(other),))
            for depth, key in enumerate((*keys, other["care_type"])):
                if key == asked[depth]:
                    found[depth].append(value)
        return found

    def drawn(self, row: dict, measure: str, of) -> float | None:
        """A statistic of the peers, drawn towards that of the wider groups where there are fewer than 30."""
        estimate = None
        for values in reversed(self.peers(row, measure)):
            if values:
                weight = min(len(values) / ENOUGH, 1)
                own = of(values)
                estimate = own if estimate is None else weight * own + (1 - weight) * estimate
        return estimate

    def median(self, row: dict, measure: str) -> float | None:
        return self.drawn(row, measure, lambda values: ranked([middle(value) for value in values], 0.5))

    def spread(self, row: dict, measure: str) -> float | None:
        def of(values: list[int]) -> float:
            centre = ranked([middle(value) for value in values], 0.5)
            return ranked([abs(middle(value) - centre) for value in values], 0.5)

        return self.drawn(row, measure, of)

    def percentile(self, row: dict, measure: str) -> float | None:
        own = bin_of(c.measure(row, measure))

        def of(values: list[int]) -> float:
            below = sum(bin_of(value) < own for value in values)
            within = sum(bin_of(value) == own for value in values)
            return 100 * (below + within / 2) / len(values)

        return self.drawn(row, measure, of)

    def rarity(self, first, second, first_of, seconds_of) -> float:
        """−ln of the smoothed share of those with `first` that have `second`."""
        all_first = sum(first_of(row) == first for row in self.rows)
        all_second = sum(second in seconds_of(row) for row in self.rows)
        both = sum(first_of(row) == first and second in seconds_of(row) for row in self.rows)
        return -log((both + (all_second + 1) / (len(self.rows) + 1)) / (all_first + 1))

    def first_day(self) -> int | None:
        return min((c.day(row["start_at"]) for row in self.rows), default=None)

    def days_of(self, facility: str) -> dict[int, int]:
        found: dict[int, int] = {}
        for row in self.rows:
            if row["facility_id"] == facility:
                found[c.day(row["start_at"])] = found.get(c.day(row["start_at"]), 0) + 1
        return found

    def deducted(self, facility: str) -> float:
        """The denied part of the gross, with 30 further claims as the nation's."""

        def sums(rows: list[dict]) -> tuple[int, int]:
            denied = sum(row["outcome_deducted_mnt"] for row in rows if row["outcome_decision"] == "denied")
            return denied, sum(row["outcome_gross_mnt"] for row in rows)

        judged = [row for row in self.rows if row["outcome_decision"] != "merged"]
        own = [row for row in judged if row["facility_id"] == facility]
        denied, gross = sums(judged)
        nation = denied / gross if gross else 0.0
        denied, gross = sums(own)
        share = denied / gross if gross else nation
        return (len(own) * share + ENOUGH * nation) / (len(own) + ENOUGH)

    def high_weight(self, row: dict) -> float:
        """The facility's share of dear claims over its peers', where the claim itself is dear."""
        key = c.family(row), self.place(row)[0]
        if key[0] is None or row["outcome_gross_mnt"] <= 0:
            return 0.0
        alike = [
            other
            for other in self.rows
            if (c.family(other), self.place(other)[0]) == key and other["outcome_gross_mnt"] > 0
        ]
        if not alike:
            return 0.0
        quartile = ranked([bin_of(other["outcome_gross_mnt"]) for other in alike], 0.75)
        own = [
            bin_of(o["outcome_gross_mnt"]) > quartile for o in alike if o["facility_id"] == row["facility_id"]
        ]
        peers = [
            bin_of(o["outcome_gross_mnt"]) > quartile for o in alike if o["facility_id"] != row["facility_id"]
        ]
        if not peers or bin_of(row["outcome_gross_mnt"]) <= quartile:
            return 0.0
        usual = sum(peers) / len(peers)
        return (sum(own) + ENOUGH * usual) / (len(own) + ENOUGH) - usual
