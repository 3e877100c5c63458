"""The sample books: they load, price every code, keep to what is known, and say what is made up."""

import importlib.util
from collections import defaultdict
from datetime import date
from itertools import product
from pathlib import Path
from string import ascii_uppercase, digits

import pytest

from daatgal.tariff import TariffBook, load_tariff
from daatgal.tariff.rows import DrgMapRow

BOOKS = Path(__file__).parent.parent / "data_samples" / "tariffs"
THIRD = digits + ascii_uppercase
STEMS = ["".join(signs) for signs in product(ascii_uppercase, digits, THIRD)]
SUFFIXES = ("", "0", "9", "A", "Z", "01", "9Z", "0000", "ZZZZ")


def day(iso: str) -> int:
    return (date.fromisoformat(iso) - date(1970, 1, 1)).days


@pytest.fixture(scope="module")
def demo() -> TariffBook:
    return load_tariff(BOOKS / "mn-demo")


@pytest.fixture(scope="module")
def real() -> TariffBook:
    return load_tariff(BOOKS / "mn-2009")


def price(book: TariffBook, care_type: str, drg_code: str, on: str) -> tuple[int | None, int | None]:
    rows = [row for row in book.drgs if (row.care_type, row.drg_code) == (care_type, drg_code)]
    (row,) = [row for row in rows if row.valid_from_day <= day(on) <= row.valid_to_day]
    return row.weight_e4, row.total_mnt


def asks_for_nothing_but_a_code(row: DrgMapRow) -> bool:
    return all(
        asked is None for asked in (row.procedure, row.paired_icd10, row.age_from, row.age_to, row.sex)
    )


@pytest.mark.parametrize("on", ["2008-01-01", "2018-06-30", "2018-07-01", "2100-12-31"])
@pytest.mark.parametrize("care_type", ["inpatient", "outpatient", "day_treatment"])
def test_every_well_formed_code_finds_a_group_whoever_the_patient_is(
    demo: TariffBook, care_type: str, on: str
) -> None:
    ranges = [
        (row.icd10_from, row.icd10_to)
        for row in demo.drg_map
        if row.care_type == care_type
        and asks_for_nothing_but_a_code(row)
        and row.valid_from_day <= day(on) <= row.valid_to_day
    ]
    by_letter = defaultdict(list)
    for low, high in ranges:
        for letter in ascii_uppercase:
            if low[0] <= letter <= high[0]:
                by_letter[letter].append((low, high))
    codes = (stem + suffix for stem in STEMS for suffix in SUFFIXES)
    lost = [
        code
        for code in codes
        if not any(code[: len(a)] >= a and code[: len(b)] <= b for a, b in by_letter[code[0]])
    ]
    assert lost == []
    assert len(STEMS) == 9360


def test_308_groups_serve_inpatient_care_and_day_treatment(demo: TariffBook, real: TariffBook) -> None:
    for on in ("2008-01-01", "2018-07-01"):
        by_care_type = {
            care_type: {
                row.drg_code
                for row in demo.drgs
                if row.care_type == care_type
                and not row.drg_code.startswith("FX")
                and row.valid_from_day <= day(on) <= row.valid_to_day
            }
            for care_type in ("inpatient", "day_treatment")
        }
        assert len(by_care_type["inpatient"]) == 308
        assert by_care_type["inpatient"] == by_care_type["day_treatment"]
        assert set(real.drg_codes) <= by_care_type["inpatient"]


def test_the_demonstration_is_in_force_without_gap_from_2008_in_two_periods(demo: TariffBook) -> None:
    assert {(row.valid_from_day, row.valid_to_day) for row in demo.care_types} == {
        (day("2008-01-01"), 2**31 - 1)
    }
    starts = set()
    for rows in (demo.base_rates, demo.drgs, demo.drg_map, demo.items, demo.copay, demo.rules):
        starts |= {row.valid_from_day for row in rows}
    assert starts == {day("2008-01-01"), day("2018-07-01")}


@pytest.mark.parametrize(
    ("care_type", "drg_code", "expected"),
    [
        ("inpatient", "14221", (11_773, None)),
        ("inpatient", "FX01", (None, 11_000_000)),
        ("inpatient", "FX04", (None, 430_000)),
        ("inpatient", "FX05", (None, 375_000)),
        ("inpatient", "FX10", (None, 113_600_000)),
        ("inpatient", "FX11", (None, 4_500_000)),
        ("traditional", "TMA", (None, 529_000)),
        ("traditional", "TMB", (None, 412_000)),
        ("traditional", "TMC", (None, 403_000)),
        ("traditional", "TMD", (None, 388_000)),
        ("traditional", "TME06", (None, 527_000)),
        ("traditional", "TMDAY", (None, 150_000)),
    ],
)
def test_the_public_prices_are_what_was_published(
    demo: TariffBook, care_type: str, drg_code: str, expected: tuple[int | None, int | None]
) -> None:
    assert price(demo, care_type, drg_code, "2024-01-01") == expected


def test_the_public_item_prices_are_what_was_published(demo: TariffBook) -> None:
    prices = {
        (row.care_type, row.service_code): row.unit_mnt for row in demo.items if row.valid_to_day == 2**31 - 1
    }
    known = {
        "high_cost_diagnostics": {
            "MRI": 350_000,
            "CT": 120_000,
            "ENDOSCOPY": 60_000,
            "ENDOPROC": 150_000,
            "INTRAVASC": 650_000,
            "NONVASC": 320_000,
            "ECHO": 50_000,
            "HOLTER": 50_000,
            "CONTRAST": 150_000,
        },
        "sanatorium": {"SAN1": 260_000, "SAN2": 416_000, "SAN3": 414_000},
        "emergency": {"EMERGENCY": 35_000, "AMBULANCE": 43_000},
    }
    for care_type, services in known.items():
        assert {code: prices[care_type, code] for code in services} == services


@pytest.mark.parametrize("code", ["G40", "G80"])
@pytest.mark.parametrize("procedure", ["015", "031"])
def test_the_group_of_2023_takes_epilepsy_and_palsy_with_its_two_operations(
    demo: TariffBook, code: str, procedure: str
) -> None:
    rows = [row for row in demo.drg_map if row.drg_code == "FX11" and row.icd10_from == row.icd10_to == code]
    assert procedure in {row.procedure for row in rows}
    assert min(row.priority for row in rows) > max(
        row.priority
        for row in demo.drg_map
        if row.care_type == "inpatient" and not row.drg_code.startswith("FX")
    )


def test_every_item_priced_care_type_prices_any_code(demo: TariffBook) -> None:
    by_item = {row.care_type for row in demo.care_types if row.priced_by == "item"}
    assert by_item == {row.care_type for row in demo.items if row.service_code == "*"}


def test_all_care_types_of_the_domain_are_there(demo: TariffBook) -> None:
    assert set(demo.care_type_names) == {
        *("inpatient", "outpatient", "dental_outpatient", "diagnostics", "high_cost_diagnostics"),
        *("day_treatment", "traditional", "sanatorium", "rehabilitation", "palliative", "high_cost_device"),
        *("chemotherapy_day", "radiotherapy_day", "sport", "emergency", "primary"),
    }


def test_bundling_is_that_of_the_procedure(demo: TariffBook) -> None:
    assert {row.care_type: row.bundled_in for row in demo.care_types if row.bundled_in} == {
        "outpatient": ("inpatient",),
        "day_treatment": ("inpatient",),
        "diagnostics": ("inpatient", "day_treatment"),
        "traditional": ("inpatient", "day_treatment"),
        "rehabilitation": ("inpatient", "day_treatment"),
    }


def test_a_state_hospital_of_type_15_1_7_may_provide_all_but_what_the_clauses_keep_from_it(
    demo: TariffBook,
) -> None:
    free = {
        row.care_type
        for row in demo.eligibility
        if (row.facility_type, row.ownership, row.needs_contract) == ("15.1.7", "state", False)
    }
    assert set(demo.care_type_names) - free == {"sanatorium", "radiotherapy_day", "sport"}


def test_three_rules_are_off_and_all_others_on(demo: TariffBook) -> None:
    enabled = {row.rule: row.value for row in demo.rules if row.parameter == "enabled"}
    assert {rule for rule, value in enabled.items() if not value} == {
        "ORDER_REQUIRED",
        "VISIT_COPAY",
        "YEAR_LIMIT",
    }
    assert len(enabled) == 19


def test_lens_knee_and_pet_ct_alone_are_owed_by_the_exempt(demo: TariffBook) -> None:
    assert {row.service_code for row in demo.copay if row.keeps_copay} == {"LENS", "KNEE", "PETCT"}


@pytest.mark.parametrize("name", ["mn-2009", "mn-demo"])
def test_all_names_are_given_in_both_languages(name: str) -> None:
    book = load_tariff(BOOKS / name)
    for row in (*book.care_types, *book.drgs, *book.items):
        assert row.name_mn, row
        assert row.name_en, row
        assert row.name_mn != row.name_en


def test_the_real_book_has_no_synthetic_row_and_the_demonstration_says_which_are(
    demo: TariffBook, real: TariffBook
) -> None:
    assert not real.synthetic
    assert demo.synthetic
    real_rows = (*real.care_types, *real.base_rates, *real.drgs, *real.drg_map)
    assert {row.source for row in real_rows} == {"order 180 of 2009"}
    assert real.items == real.copay == real.rules == ()
    made_up = [row for row in demo.drgs if row.drg_code.isdigit() and len(row.drg_code) == 3]
    assert len(made_up) == 4 * 298
    assert all(row.source.startswith("synthetic:") for row in made_up)


def test_the_long_tables_are_what_the_script_writes() -> None:
    spec = importlib.util.spec_from_file_location("build_demo", BOOKS / "build_demo.py")
    assert spec is not None
    assert spec.loader is not None
    build = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(build)
    for name, text in build.tables().items():
        assert (BOOKS / "mn-demo" / name).read_text("utf-8") == text
