"""The hospitals and clinics of a synthetic country.

In flows the number of blocks of people and the first day; out flow the `facilities` table of the contract and, for
drawing claims, what each place offers and how large it is. A block is a district of the capital and two aimags with
twenty facilities of their own; six national centres serve every block.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pyarrow as pa

from daatgal.generate.draws import Draws

if TYPE_CHECKING:
    from daatgal.generate.rows import I32

_HOSPITAL = "inpatient outpatient diagnostics high_cost_diagnostics day_treatment emergency"
_POLYCLINIC = "outpatient diagnostics day_treatment"


class Place(NamedTuple):
    """A kind of facility: where it stands in a block and what it does."""

    title: str
    level: int
    ownership: str
    facility_type: str
    """the clause of the Health Law under which it works"""
    area: int
    """0: the district; 1, 2: the aimags; NATIONAL"""
    size: float
    care_types: str


NATIONAL = 3
AREAS_IN_BLOCK = 3

_NATIONAL_PLACES = (
    Place(
        "Улсын нэгдүгээр төв эмнэлэг", 3, "state", "15.1.7", NATIONAL, 10,
        _HOSPITAL + " rehabilitation high_cost_device",
    ),
    Place(
        "Хавдар судлалын үндэсний төв", 3, "state", "15.1.13", NATIONAL, 6,
        "inpatient outpatient diagnostics high_cost_diagnostics chemotherapy_day radiotherapy_day palliative",
    ),
    Place(
        "Эх хүүхдийн эрүүл мэндийн үндэсний төв", 3, "state", "15.1.7", NATIONAL, 8,
        _HOSPITAL + " dental_outpatient rehabilitation",
    ),
    Place(
        "Гэмтэл согог судлалын үндэсний төв", 3, "state", "15.1.7", NATIONAL, 5,
        _HOSPITAL + " rehabilitation high_cost_device",
    ),
    Place("Уламжлалт анагаах ухааны төв", 3, "state", "15.1.7", NATIONAL, 3, "traditional rehabilitation inpatient"),
    Place(
        "Халдварт өвчин судлалын үндэсний төв", 3, "state", "15.1.7", NATIONAL, 3,
        "inpatient outpatient diagnostics",
    ),
)  # fmt: skip

_AIMAG_PLACES = (
    (
        "нэгдсэн эмнэлэг", 2, "state", "15.1.6", 9.0,
        _HOSPITAL + " traditional dental_outpatient palliative chemotherapy_day",
    ),
    ("сумын эрүүл мэндийн төв", 1, "state", "15.1.2", 3.0, "inpatient primary emergency"),
    ("хувийн клиник", 2, "private", "15.1.11", 2.0, _POLYCLINIC + " traditional rehabilitation dental_outpatient"),
    ("өрхийн эрүүл мэндийн төв", 1, "private", "15.1.2", 3.0, "primary"),
)  # fmt: skip

_LOCAL_PLACES = (
    Place(
        "дүүргийн нэгдсэн эмнэлэг",
        2,
        "state",
        "15.1.5",
        0,
        9,
        _HOSPITAL + " rehabilitation dental_outpatient",
    ),
    Place("төрөлжсөн эмнэлэг", 3, "state", "15.1.7", 0, 7, _HOSPITAL + " chemotherapy_day palliative"),
    Place(
        "хувийн эмнэлэг",
        2,
        "private",
        "15.1.12",
        0,
        4,
        "inpatient rehabilitation dental_outpatient " + _POLYCLINIC,
    ),
    Place("хувийн клиник", 2, "private", "15.1.11", 0, 3, _POLYCLINIC + " high_cost_diagnostics"),
    Place("оношилгооны төв", 2, "private", "15.1.13", 0, 4, "diagnostics high_cost_diagnostics"),
    Place("өрхийн эрүүл мэндийн төв", 1, "private", "15.1.2", 0, 3, "primary"),
    Place("өрхийн эрүүл мэндийн төв", 1, "private", "15.1.2", 0, 3, "primary"),
    Place("шүдний эмнэлэг", 1, "private", "15.1.11", 0, 3, "dental_outpatient"),
    Place("уламжлалт анагаахын эмнэлэг", 2, "private", "15.1.11", 0, 3, "traditional rehabilitation"),
    Place("сувилал", 2, "private", "15.1.8", 0, 3, "sanatorium rehabilitation"),
    Place("спортын клуб", 1, "private", "sport_club", 0, 1, "sport"),
    Place("протез, ортопедийн төв", 2, "private", "15.1.13", 0, 1, "high_cost_device rehabilitation"),
    *(
        Place(title, level, ownership, facility_type, area, size, care_types)
        for area in (1, 2)
        for title, level, ownership, facility_type, size, care_types in _AIMAG_PLACES
    ),
)

PLACES = _NATIONAL_PLACES + _LOCAL_PLACES
"""The facilities that a block sees: the national centres, then its own."""
NATIONAL_PLACES = len(_NATIONAL_PLACES)
LOCAL_PLACES = len(_LOCAL_PLACES)

DISTRICTS = (
    "Баянзүрх", "Баянгол", "Сонгинохайрхан", "Хан-Уул", "Чингэлтэй", "Сүхбаатар дүүрэг", "Налайх", "Багануур",
    "Багахангай",
)  # fmt: skip
AIMAGS = (
    "Архангай", "Баян-Өлгий", "Баянхонгор", "Булган", "Говь-Алтай", "Говьсүмбэр", "Дархан-Уул", "Дорноговь",
    "Дорнод", "Дундговь", "Завхан", "Орхон", "Өвөрхангай", "Өмнөговь", "Сүхбаатар", "Сэлэнгэ", "Төв", "Увс", "Ховд",
    "Хөвсгөл", "Хэнтий",
)  # fmt: skip

SCHEMA = pa.schema(
    [
        ("facility_id", pa.string()),
        ("name", pa.string()),
        ("level", pa.int8()),
        ("ownership", pa.string()),
        ("facility_type", pa.string()),
        ("aimag", pa.string()),
        ("contracted_care_types", pa.list_(pa.string())),
        ("contract_from", pa.date32()),
        ("contract_to", pa.date32()),
        ("valid_from", pa.date32()),
        ("valid_to", pa.date32()),
    ]
)

_OPENED_DAY = 7305
_UPGRADED, _EXPIRED = 3, 7
"""Places of a block's own (polyclinic, dental clinic) whose level or contract changes in the first month."""


def facility_number(block: int, place: I32) -> I32:
    """The number of a block's `place` (an index into PLACES) among all facilities."""
    return np.where(place < NATIONAL_PLACES, place, place + block * LOCAL_PLACES).astype(np.int32)


def facility_count(blocks: int) -> int:
    """How many facilities a country of so many blocks has."""
    return NATIONAL_PLACES + blocks * LOCAL_PLACES


def facility_id(number: int) -> str:
    """The name under which claims know a facility."""
    return f"F{number:06d}"


@cache
def facility_ids(blocks: int) -> pa.StringArray:
    """All facility ids, by number."""
    return pa.array([facility_id(number) for number in range(facility_count(blocks))], pa.string())


def area_name(block: int, area: int) -> str:
    """The district or aimag that an area of a block is."""
    if area == NATIONAL:
        return "Улаанбаатар"
    if area == 0:
        return DISTRICTS[block % len(DISTRICTS)]
    return AIMAGS[(2 * block + area - 1) % len(AIMAGS)]


def facilities_table(seed: int, blocks: int, first_day: int) -> pa.Table:
    """The `facilities` of the contract. Of each block's own, one rises a level on the 16th of the first month, and in
    every fourth block one contract ends with that day (clause: contract.md, several periods per facility)."""
    columns: dict[str, list[object]] = {name: [] for name in SCHEMA.names}
    for block in range(blocks):
        draws = Draws(seed, "facilities", block)
        changes = draws.below(LOCAL_PLACES, 4)
        first = 0 if block == 0 else NATIONAL_PLACES
        for index in range(first, len(PLACES)):
            place = PLACES[index]
            local = index - NATIONAL_PLACES
            upgraded = local == _UPGRADED
            expired = local == _EXPIRED and changes[local] == 0
            periods = (
                [(_OPENED_DAY, first_day + 14, -1), (first_day + 15, None, 0)]
                if upgraded
                else [(_OPENED_DAY, None, 0)]
            )
            number = int(facility_number(block, np.array([index], dtype=np.int32))[0])
            for valid_from, valid_to, level_change in periods:
                columns["facility_id"].append(facility_id(number))
                columns["name"].append(f"{area_name(block, place.area)}: {place.title} {number}")
                columns["level"].append(place.level + level_change)
                columns["ownership"].append(place.ownership)
                columns["facility_type"].append(place.facility_type)
                columns["aimag"].append(area_name(block, place.area))
                columns["contracted_care_types"].append(place.care_types.split())
                columns["contract_from"].append(_OPENED_DAY)
                columns["contract_to"].append(first_day + 15 if expired else None)
                columns["valid_from"].append(valid_from)
                columns["valid_to"].append(valid_to)
    days = {name: pa.array(columns[name], pa.int32()).cast(pa.date32()) for name in SCHEMA.names[-4:]}
    arrays = [days[f.name] if f.name in days else pa.array(columns[f.name], f.type) for f in SCHEMA]
    return pa.Table.from_arrays(arrays, schema=SCHEMA)
