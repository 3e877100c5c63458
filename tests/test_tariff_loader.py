"""The strict loader: what it reads, and a broken book for everything it refuses."""

import re
from datetime import date
from pathlib import Path

import pytest

from daatgal.errors import TariffError
from daatgal.tariff import load_tariff
from daatgal.tariff.rows import OPEN_FROM_DAY, OPEN_TO_DAY
from daatgal.tariff.rule_parameters import RULES as RULES_OF_THIS_VERSION
from tests import tariff_broken as broken
from tests.tariff_broken_cells import CELLS
from tests.tariff_broken_rows import BETWEEN_ROWS
from tests.tariff_small import GOOD, appended, replaced, rewritten, without, write_book

BROKEN = broken.FOLDER + broken.LINES + CELLS + broken.RULES + BETWEEN_ROWS


def day(iso: str) -> int:
    return (date.fromisoformat(iso) - date(1970, 1, 1)).days


@pytest.mark.parametrize("case", BROKEN, ids=lambda case: case.name)
def test_a_broken_book_is_refused_with_place_finding_and_expectation(
    case: broken.Broken, tmp_path: Path
) -> None:
    with pytest.raises(TariffError) as refused:
        load_tariff(write_book(tmp_path / "book", case.edit))
    said = [line.strip() for line in str(refused.value).splitlines()[1:]]
    pattern = (
        f"{re.escape(case.where)}: found .*{re.escape(case.found)}.*; expected .*{re.escape(case.expected)}"
    )
    assert any(re.match(pattern, line) for line in said), f"{pattern}\nwas not said in\n" + "\n".join(said)


def test_every_broken_book_has_a_name_of_its_own() -> None:
    assert len({case.name for case in BROKEN}) == len(BROKEN)


def test_the_good_book_is_read_as_it_is_written(tmp_path: Path) -> None:
    book = load_tariff(write_book(tmp_path / "book"))
    assert (book.name, book.timezone, book.synthetic) == ("small", "Asia/Ulaanbaatar", True)
    assert book.care_type_names == ("inpatient", "outpatient", "diagnostics")
    assert book.drg_codes == ("14221", "F1", "V1")
    assert book.exemption_categories == ("child",)
    assert book.service_codes == ("CBC",)
    assert book.is_stay == {"inpatient": True, "outpatient": False, "diagnostics": False}
    assert book.care_types[3].bundled_in == ("inpatient", "outpatient")
    assert [(row.level, row.ownership) for row in book.base_rates] == [
        (None, None),
        (None, None),
        (3, "private"),
    ]
    assert [(row.weight_e4, row.total_mnt) for row in book.drgs] == [
        (11773, None),
        (None, 4500000),
        (None, 9000),
    ]
    assert book.drg_map[0][1:3] == ("G40", "G429")
    assert book.drg_map[1][3:10] == ("015", "C", 0, 17, "f", "F1", 10)
    assert [(row.service_code, row.unit_mnt) for row in book.items] == [
        ("CBC", 5000),
        ("*", None),
        ("*", 7000),
    ]
    assert book.copay[1][1:7] == (None, "F1", None, None, 5000, True)
    assert [row.value for row in book.exemptions] == ["child", "O80"]
    assert [row.needs_contract for row in book.eligibility] == [False, True]
    assert [row.value for row in book.rules] == [True, 12, 24, False, None, ("outpatient",), (0, 3000, 5000)]


def test_periods_are_whole_days_and_open_where_the_cell_is_empty(tmp_path: Path) -> None:
    book = load_tariff(write_book(tmp_path / "book"))
    first = book.base_rates[0]
    assert (first.valid_from_day, first.valid_to_day) == (day("2010-01-01"), day("2019-12-31"))
    always = book.rules[3]
    assert (always.valid_from_day, always.valid_to_day) == (OPEN_FROM_DAY, OPEN_TO_DAY)
    assert (always.source, always.line) == ("test", 5)


def test_what_a_spreadsheet_adds_is_taken(tmp_path: Path) -> None:
    def spreadsheet(files: dict[str, str]) -> None:
        for name, text in files.items():
            files[name] = "\ufeff" + text.replace("\n", "\r\n")
        files["items.csv"] += "\r\n,,,,,,,\r\n  \r\n diagnostics , X-RAY ,,, 900 ,,, t \r\n"

    folder = write_book(tmp_path / "book", spreadsheet)
    (folder / ".~lock.items.csv").write_text("a lock")
    (folder / "~$items.csv").write_text("a lock")
    (folder / "README.md").write_text("notes")
    book = load_tariff(folder)
    assert book.items[3][:5] == ("diagnostics", "X-RAY", "", "", 900)
    assert book.items[3].line == 8


def test_columns_may_come_in_any_order(tmp_path: Path) -> None:
    turned = "value,source,kind,valid_to,valid_from\nchild,t,category,,2010-01-01\n"
    book = load_tariff(write_book(tmp_path / "book", rewritten("exemptions.csv", turned)))
    assert book.exemptions[0][:2] == ("category", "child")


def test_all_tables_but_the_care_types_may_be_absent_or_without_rows(tmp_path: Path) -> None:
    others = [name for name in GOOD if name not in {"tariff.toml", "care_types.csv"}]
    bare = load_tariff(write_book(tmp_path / "bare", *(without(name) for name in others)))
    heads = [rewritten(name, GOOD[name].split("\n")[0]) for name in others]
    empty = load_tariff(write_book(tmp_path / "empty", *heads))
    for book in (bare, empty):
        assert book.rules == book.drg_map == book.items == ()
        assert book.care_type_names == ("inpatient", "outpatient", "diagnostics")


@pytest.mark.parametrize(
    "edit",
    [
        pytest.param(appended("drg_map.csv", "inpatient,G40,G42.9,,,,,,F1,0,2012-01-01,,t"), id="two groups"),
        pytest.param(appended("drg_map.csv", "inpatient,G40,G42.9,,,,,,14221,5,,,t"), id="two priorities"),
        pytest.param(
            appended("drg_map.csv", "inpatient,G40.1,G40,,,,,,14221,0,2010-01-01,,t"), id="G40.1 to G40"
        ),
        pytest.param(
            appended("drg_map.csv", "inpatient,G40,G40.1,,,,,,14221,0,2010-01-01,,t"), id="G40 to G40.1"
        ),
        pytest.param(
            appended("copay.csv", "inpatient,*,NONE,ANY,0,,false,,,t"), id="copay of what has no price"
        ),
        pytest.param(
            appended("items.csv", "inpatient,IMPLANT,,,5,,,t"), id="an item of a care type by group"
        ),
        pytest.param(
            appended("rules.csv", "COVERAGE,enabled,true,,,t"), id="an exemption list that is absent"
        ),
        pytest.param(
            appended("rules.csv", "REPEAT_TEST,enabled,true,,,t", "REPEAT_TEST,care_types,,,,t"),
            id="an empty list",
        ),
        pytest.param(
            appended("rules.csv", "REHAB_SESSIONS,enabled,false,,,t"), id="off without its parameter"
        ),
        pytest.param(
            appended("drg_map.csv", "inpatient,X00,X00,,,,,,14221,0,,,t"), id="mapped before its care type"
        ),
        pytest.param(replaced("drgs.csv", "Эпилепси,Epilepsy", ","), id="no names"),
        pytest.param(replaced("drgs.csv", "11773", "0"), id="a weight of nought"),
    ],
)
def test_what_the_contract_does_not_refuse_is_read(edit: broken.Edit, tmp_path: Path) -> None:
    load_tariff(write_book(tmp_path / "book", edit))


def test_many_problems_are_told_at_once_and_no_more_than_twenty(tmp_path: Path) -> None:
    wrong = appended("rules.csv", *(f"NO_RULE_{i},enabled,true,,,t" for i in range(30)))
    with pytest.raises(TariffError) as refused:
        load_tariff(write_book(tmp_path / "book", wrong, replaced("items.csv", "5000", "free")))
    said = str(refused.value).splitlines()
    assert "31 problems" in said[0]
    assert "items.csv line 2" in said[1]
    assert len(said) == 22
    assert said[-1].strip() == "… and 11 more"


def test_a_file_that_is_not_utf8_is_refused_with_its_line(tmp_path: Path) -> None:
    folder = write_book(tmp_path / "book")
    (folder / "items.csv").write_bytes(GOOD["items.csv"].encode("cp1251", errors="replace"))
    with pytest.raises(TariffError, match=r"items\.csv line 2: found the byte 0x.., which is not UTF-8"):
        load_tariff(folder)


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TariffError, match="expected a folder with"):
        load_tariff(tmp_path / "nowhere")


def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    folder = write_book(tmp_path / "book", without("items.csv"))
    (folder / "items.csv").mkdir()
    with pytest.raises(TariffError, match="cannot be read"):
        load_tariff(folder)


def test_the_hash_follows_names_and_bytes_and_nothing_else(tmp_path: Path) -> None:
    one = load_tariff(write_book(tmp_path / "one"))
    same = write_book(tmp_path / "same")
    (same / "notes.txt").write_text("not a part of the book")
    assert load_tariff(same).sha256 == one.sha256
    other = load_tariff(write_book(tmp_path / "other", appended("items.csv", "")))
    assert other.sha256 != one.sha256
    assert other.items == one.items


def test_every_rule_of_the_procedure_is_there_with_its_parameters() -> None:
    assert {rule: tuple(parameters) for rule, parameters in RULES_OF_THIS_VERSION.items()} == {
        "ELIGIBILITY": (),
        "COVERAGE": ("exempt_care_types",),
        "ORDER_REQUIRED": ("care_types", "service_codes"),
        "EXACT_DUPLICATE": (),
        "WARD_TRANSFER": ("gap_hours",),
        "MINIMUM_STAY": ("hours",),
        "BUNDLED_IN_STAY": ("boundary", "exempt_long"),
        "REPEAT_VISIT": ("care_types", "same_cabinet", "icd10_chars"),
        "POSITIVE_ALREADY": ("service_codes",),
        "REPEAT_TEST": ("care_types",),
        "REHAB_SESSIONS": ("sessions",),
        "ONCE_A_YEAR": ("care_types",),
        "DIAGNOSTICS_CAP": ("month_mnt", "quarter_mnt"),
        "VISIT_COPAY": ("rates_bp",),
        "YEAR_LIMIT": ("limit_mnt",),
        "OVERLAPPING_STAY": (),
        "VISIT_TOO_SHORT": ("minutes",),
        "SUSPECT_DUPLICATE": (),
        "PAIRED_DIAGNOSIS_MISSING": ("care_types",),
    }
