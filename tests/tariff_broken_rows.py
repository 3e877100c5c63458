"""Books whose rows contradict each other."""

from tests.tariff_broken import Broken
from tests.tariff_small import appended, replaced, rewritten

_MAP = "drg_map.csv"
_MAP_LINE = "inpatient,g40,G42.9,,,,,,14221,0,2010-01-01,,test"
_STROKE = "14221,inpatient,Эпилепси,Epilepsy,11773,,2010-01-01,,test"

BETWEEN_ROWS = [
    Broken(
        "overlap",
        replaced("base_rates.csv", "2020-01-01", "2019-12-31"),
        "base_rates.csv line 3",
        "overlapping periods: inpatient, *, *",
        "day on day",
    ),
    Broken(
        "the same row twice",
        appended(_MAP, _MAP_LINE),
        f"{_MAP} line 5",
        "overlapping periods: inpatient, G40, G429",
        "day on day",
    ),
    Broken(
        "one inside another",
        appended("drgs.csv", _STROKE.replace("2010-01-01,", "2011-01-01,2011-12-31")),
        "drgs.csv line 5",
        "overlapping periods: inpatient, 14221",
        "day on day",
    ),
    Broken(
        "gap",
        replaced("base_rates.csv", "2020-01-01", "2020-01-02"),
        "base_rates.csv line 3",
        "a gap: inpatient, *, *",
        "day on day",
    ),
    Broken(
        "gap after a long row",
        appended("exemptions.csv", "category,child,2008-01-01,2008-12-31,t"),
        "exemptions.csv line 2",
        "a gap: category, child begins at 2010-01-01, not the day after line 4",
        "day on day",
    ),
    Broken(
        "care type with a gap",
        replaced(
            "care_types.csv",
            "item,false,inpatient,Амбулатори,Outpatient,2020-01-01",
            "item,false,inpatient,Амбулатори,Outpatient,2021-01-01",
        ),
        "care_types.csv line 4",
        "a gap: outpatient",
        "day on day",
    ),
    Broken(
        "changing stay",
        replaced("care_types.csv", "item,false,inpatient,Ам", "item,true,inpatient,Ам"),
        "care_types.csv line 4",
        "stay = true for outpatient",
        "its whole life",
    ),
    Broken(
        "bundled in an unknown one",
        replaced("care_types.csv", "inpatient | outpatient", "ward"),
        "care_types.csv line 5",
        "the unknown care type 'ward'",
        "one of care_types.csv",
    ),
    Broken(
        "unknown care type",
        appended("eligibility.csv", "15.1.1,state,dental,true,,,t"),
        "eligibility.csv line 4",
        "the unknown care type 'dental'",
        "one of care_types.csv",
    ),
    Broken(
        "star where priced by group",
        appended("items.csv", "inpatient,*,,,5,,,t"),
        "items.csv line 5",
        "* for inpatient, which care_types.csv line 2 prices by drg",
        "priced by item",
    ),
    Broken(
        "star before priced by item",
        replaced("items.csv", "7000,2020-01-01", "7000,2019-12-31"),
        "items.csv line 4",
        "* for outpatient, which care_types.csv line 3",
        "priced by item",
    ),
    Broken(
        "mapped to nothing",
        replaced(_MAP, "F1,10", "F2,10"),
        f"{_MAP} line 3",
        "the group 'F2' of inpatient, which has no price",
        "drgs.csv",
    ),
    Broken(
        "mapped to another care type's",
        replaced(_MAP, "F1,10", "V1,10"),
        f"{_MAP} line 3",
        "the group 'V1' of inpatient, which has no price",
        "drgs.csv",
    ),
    Broken(
        "mapped before priced",
        replaced(_MAP, "F1,10,2012-01-01", "F1,10,2011-01-01"),
        f"{_MAP} line 3",
        "'F1' of inpatient without a price from 2011-01-01 to 2011-12-31",
        "every day it is mapped",
    ),
    Broken(
        "mapped after priced",
        replaced("drgs.csv", "11773,,2010-01-01,", "11773,,2010-01-01,2030-12-31"),
        f"{_MAP} line 2",
        "'14221' of inpatient without a price from 2031-01-01 to the end",
        "every day it is mapped",
    ),
    Broken(
        "weight without a base",
        replaced("base_rates.csv", "*,*,200000,2010-01-01", "*,*,200000,2011-01-01"),
        f"{_MAP} line 2",
        "'14221' of inpatient with a weight, but without a base rate from 2010-01-01 to 2010-12-31",
        "base_rates.csv",
    ),
    Broken(
        "no care type at all",
        rewritten(
            "care_types.csv",
            "care_type,priced_by,stay,bundled_in,name_mn,name_en,valid_from,valid_to,source\n",
        ),
        "care_types.csv",
        "no care type",
        "at least one",
    ),
    Broken(
        "too many care types",
        appended("care_types.csv", *(f"c{i},item,false,,,,,,t" for i in range(61))),
        "care_types.csv",
        "64 different ones",
        "at most 63",
    ),
]
