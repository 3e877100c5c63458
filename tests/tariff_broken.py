"""One broken book for each thing the loader refuses: the edit that breaks it, and what the message must say."""

from typing import NamedTuple

from tests.tariff_small import Edit, appended, replaced, rewritten, without


class Broken(NamedTuple):
    """A way to break the small book: where the loader must see it, what it found, what it expected."""

    name: str
    edit: Edit
    where: str
    found: str
    expected: str


FOLDER = [
    Broken("no head", without("tariff.toml"), "tariff.toml", "no such file", "every tariff book"),
    Broken("no care types", without("care_types.csv"), "care_types.csv", "no such file", "every tariff book"),
    Broken("misspelt table", rewritten("copays.csv", "a\n"), "copays.csv", "an unknown table", "copay.csv"),
    Broken("not TOML", rewritten("tariff.toml", "name = \n"), "tariff.toml", "not TOML", "TOML in UTF-8"),
    Broken(
        "unknown key", appended("tariff.toml", "x = 1"), "tariff.toml", "unknown key 'x'", "the keys name"
    ),
    Broken(
        "missing key",
        replaced("tariff.toml", 'source = "test"\n', ""),
        "tariff.toml",
        "no key 'source'",
        "the keys",
    ),
    Broken(
        "empty text", replaced("tariff.toml", '"test"', '" "'), "tariff.toml", "source = ' '", "not empty"
    ),
    Broken("text not text", replaced("tariff.toml", '"small"', "1"), "tariff.toml", "name = 1", "a text"),
    Broken(
        "synthetic not bool",
        replaced("tariff.toml", "= true", '= "yes"'),
        "tariff.toml",
        "'yes'",
        "true or false",
    ),
    Broken(
        "no such zone",
        replaced("tariff.toml", "Ulaanbaatar", "Atlantis"),
        "tariff.toml",
        "Asia/Atlantis",
        "a time zone",
    ),
]

LINES = [
    Broken(
        "empty file", rewritten("items.csv", "\n"), "items.csv", "no header line", "the columns care_type"
    ),
    Broken(
        "semicolons",
        rewritten("items.csv", "care_type;service_code\n"),
        "items.csv line 1",
        "'care_type;service_code'",
        "commas between the columns",
    ),
    Broken(
        "unknown column",
        replaced("items.csv", "unit_mnt", "price"),
        "items.csv line 1",
        "unknown column 'price'",
        "unit_mnt",
    ),
    Broken(
        "missing column",
        replaced("items.csv", "unit_mnt", "price"),
        "items.csv line 1",
        "no column 'unit_mnt'",
        "unit_mnt",
    ),
    Broken(
        "column twice",
        replaced("items.csv", "source\n", "source,source\n"),
        "items.csv line 1",
        "twice the column 'source'",
        "the columns",
    ),
    Broken(
        "too few cells",
        appended("items.csv", "diagnostics,X"),
        "items.csv line 5",
        "2 cells",
        "8, one for each",
    ),
    Broken("not CSV", appended("items.csv", '"a"b,c'), "items.csv line 5", "not CSV", "separated by commas"),
    Broken(
        "missing source",
        replaced("items.csv", "5000,2010-01-01,,test", "5000,2010-01-01,,"),
        "items.csv line 2",
        "source = ''",
        "the row's source",
    ),
    Broken(
        "bad date",
        replaced("items.csv", "5000,2010-01-01", "5000,01.01.2010"),
        "items.csv line 2",
        "'01.01.2010'",
        "YYYY-MM-DD",
    ),
    Broken(
        "no such day",
        replaced("items.csv", "5000,2010-01-01", "5000,2010-02-30"),
        "items.csv line 2",
        "'2010-02-30'",
        "YYYY-MM-DD",
    ),
    Broken(
        "period ends before it begins",
        replaced("items.csv", "5000,2010-01-01,", "5000,2010-01-01,2009-12-31"),
        "items.csv line 2",
        "a period from 2010-01-01 to 2009-12-31",
        "valid_from not after valid_to",
    ),
    Broken(
        "line of a long cell",
        appended("items.csv", 'diagnostics,A,"a\nb",c,1,,,t', "diagnostics,B"),
        "items.csv line 7",
        "2 cells",
        "8",
    ),
]

RULES = [
    Broken(
        "unknown rule",
        appended("rules.csv", "MAXIMUM_STAY,enabled,true,,,t"),
        "rules.csv line 9",
        "the unknown rule 'MAXIMUM_STAY'",
        "a rule that this version has: ELIGIBILITY",
    ),
    Broken(
        "unknown parameter",
        appended("rules.csv", "MINIMUM_STAY,days,1,,,t"),
        "rules.csv line 9",
        "the unknown parameter 'days' of MINIMUM_STAY",
        "enabled, hours",
    ),
    Broken(
        "enabled not bool",
        replaced("rules.csv", "enabled,false", "enabled,0"),
        "rules.csv line 5",
        "REPEAT_VISIT enabled = '0'",
        "true or false",
    ),
    Broken(
        "hours not a number",
        replaced("rules.csv", "hours,24", "hours,day"),
        "rules.csv line 4",
        "hours = 'day'",
        "a whole number",
    ),
    Broken(
        "hours empty",
        replaced("rules.csv", "hours,24", "hours,"),
        "rules.csv line 4",
        "hours = ''",
        "a whole number",
    ),
    Broken(
        "chars nought",
        replaced("rules.csv", "icd10_chars,", "icd10_chars,0"),
        "rules.csv line 6",
        "icd10_chars = '0'",
        "or nothing",
    ),
    Broken(
        "rates badly",
        replaced("rules.csv", "0|3000 | 5000", "0||5000"),
        "rules.csv line 8",
        "rates_bp = '0||5000'",
        "separated by |",
    ),
    Broken(
        "unknown choice",
        appended("rules.csv", "BUNDLED_IN_STAY,boundary,hours,,,t"),
        "rules.csv line 9",
        "boundary = 'hours'",
        "days or inner_days or time",
    ),
    Broken(
        "unknown care type in a rule",
        replaced("rules.csv", "care_types,outpatient", "care_types,visits"),
        "rules.csv line 7",
        "the unknown care type 'visits'",
        "inpatient, outpatient",
    ),
    Broken(
        "enabled without a parameter",
        appended("rules.csv", "REHAB_SESSIONS,enabled,true,,,t"),
        "rules.csv line 9",
        "REHAB_SESSIONS enabled without its parameter 'sessions' from the beginning to the end",
        "on every day the rule is on",
    ),
    Broken(
        "enabled before its parameter",
        replaced("rules.csv", "MINIMUM_STAY,enabled,true,2010-01-01", "MINIMUM_STAY,enabled,true,2009-01-01"),
        "rules.csv line 2",
        "'hours' from 2009-01-01 to 2009-12-31",
        "on every day",
    ),
    Broken(
        "enabled after its parameter",
        replaced("rules.csv", "24,2015-01-01,", "24,2015-01-01,2030-01-01"),
        "rules.csv line 2",
        "'hours' from 2030-01-02 to the end",
        "on every day",
    ),
    Broken(
        "two values for one parameter",
        replaced("rules.csv", "24,2015-01-01", "24,2014-12-31"),
        "rules.csv line 4",
        "two values for one parameter: MINIMUM_STAY, hours",
        "day on day",
    ),
]
