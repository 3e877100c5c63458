"""Every feature of a claim: its name, what it measures, what it is held against, and what an auditor is told.

In: nothing. Out: `FEATURES`, in the order of the columns of a `FeatureTable`. A feature's version changes with its
definition: scores of models that knew another version are not comparable. Source: audit.md §3.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

if TYPE_CHECKING:
    from collections.abc import Callable

Measure = Literal["price", "billed", "billed_to_tariff", "duration"]
"""What peers are compared by: gross_mnt, billed_mnt, billed / gross in basis points, minutes from start to end."""
Unit = Literal["mnt", "minutes", "days", "count", "times", "percent", "deviations", "flag"]
Strange = Literal["more", "less", "either"]

WINDOWS_DAYS: Final = (30, 90, 365)
COUNTED: Final = ("claims", "facilities", "tests", "inpatient_days")
"""What of a person is counted in each of the windows."""


@dataclass(frozen=True)
class Feature:
    """One column of numbers that the score reads."""

    name: str
    what_en: str
    """how it is computed, for the documentation"""
    text_mn: str
    """the reason as an auditor reads it; {value}, {median} and {n} (peers) are filled in"""
    text_en: str
    unit: Unit
    """of the value shown in the text"""
    peers: Measure | None = None
    """held against the claims of the same DRG (or care type and service), facility level and region"""
    neutral: float = 0.0
    """the value where the claim has none"""
    strange: Strange = "more"
    """at which end its values are out of the ordinary; the other end is none of an auditor's business"""
    alike: int = 1
    """how many features, this one among them, tell of the same thing: together they have one say in the score"""
    version: str = "1"

    def text(
        self, language: Literal["mn", "en"], value: float, median: float | None = None, n: int = 0
    ) -> str:
        """The reason in Mongolian or English, with a value (and its peers' median) as `compare` shows them."""
        template = self.text_mn if language == "mn" else self.text_en
        write = WRITTEN[self.unit]
        return template.format(value=write(value), median="–" if median is None else write(median), n=n)


def _written_minutes(value: float) -> str:
    whole = round(value)
    return f"{whole // 1440}d {whole % 1440 // 60:02d}:{whole % 60:02d}"


WRITTEN: Final[dict[str, Callable[[float], str]]] = {
    "mnt": lambda value: f"{value:,.0f} ₮",
    "minutes": _written_minutes,
    "days": lambda value: f"{value:.0f}",
    "count": lambda value: f"{value:.0f}",
    "times": lambda value: f"{value:.2f}",
    "percent": lambda value: f"{value:.3g} %",
    "deviations": lambda value: f"{value:.1f}",
    "flag": lambda value: f"{value:.0f}",
}
"""How a value of each unit is written."""

LONGEST_GAP_DAYS: Final = 730
"""Days since a previous claim that was longer ago, or that there is none."""
UNKNOWN_VISIT_MINUTES: Final = 15.0
"""Minutes of a visit whose times are not known, and of what is no visit."""

_OWN = (
    Feature(
        "price_to_peers",
        "ln(gross / peers' median gross)",
        "Үнэ {value}; ижил тусламжийн дундаж утга {median} ({n} тохиолдол)",
        "Priced at {value}; the median of its peers is {median} ({n} claims)",
        "mnt",
        peers="price",
    ),
    Feature(
        "billed_to_peers",
        "ln(billed / peers' median billed)",
        "Нэхэмжилсэн дүн {value}; ижил тусламжийн дундаж утга {median} ({n} тохиолдол)",
        "Billed at {value}; the median of its peers is {median} ({n} claims)",
        "mnt",
        peers="billed",
    ),
    Feature(
        "billed_to_tariff",
        "ln(billed / gross)",
        "Нэхэмжилсэн дүн тарифын {value} дахин; ижил тусламжид {median} ({n} тохиолдол)",
        "Billed {value} times the tariff; its peers {median} times ({n} claims)",
        "times",
        peers="billed_to_tariff",
    ),
    Feature(
        "stay_to_peers",
        "ln(minutes of the stay / peers' median), of care types that are stays",
        "Хэвтсэн хугацаа {value}; ижил тусламжийн дундаж утга {median} ({n} тохиолдол)",
        "Stayed for {value}; the median of its peers is {median} ({n} claims)",
        "minutes",
        peers="duration",
        strange="either",
    ),
    Feature(
        "visit_minutes",
        "minutes from start to end, at most a day, of care types that are no stays and claims with times",
        "Үзлэгийн хугацаа {value}; ижил тусламжийн дундаж утга {median} ({n} тохиолдол)",
        "The visit lasted {value}; the median of its peers is {median} ({n} claims)",
        "minutes",
        peers="duration",
        neutral=UNKNOWN_VISIT_MINUTES,
        strange="either",
    ),
    Feature(
        "day_off",
        "1: starts on a Saturday, a Sunday or a public holiday of fixed date",
        "Амралт, баярын өдөр эхэлсэн",
        "Starts on a weekend or public holiday",
        "flag",
    ),
    Feature(
        "on_threshold",
        "1: a stay at most an hour over the least that is paid, a rehabilitation case of exactly the sessions asked "
        "for, or a month of diagnostics at most a fiftieth under its cap",
        "Босго утга дээр яг тулсан (хэвтсэн цаг, эмчилгээний тоо эсвэл сарын хязгаар)",
        "Ends exactly on a threshold (hours of stay, number of sessions or monthly cap)",
        "flag",
    ),
)

_TEXTS: Final = {
    "claims": ("standing claims of the insured", "нэхэмжлэл", "The insured's claims"),
    "facilities": (
        "facilities at which the insured has claims",
        "үйлчлүүлсэн байгууллага",
        "The insured's facilities",
    ),
    "tests": (
        "tests and other items (claims without DRG that name a service) of the insured",
        "шинжилгээ, үйлчилгээ",
        "The insured's tests or items",
    ),
    "inpatient_days": (
        "nights of the insured's stays (a stay within a day counts as one)",
        "ор хоног",
        "The insured's days in hospital",
    ),
}


def _counted(what: str, days: int) -> Feature:
    """A count over the insured's claims of the last `days` days."""
    what_en, mn, en = _TEXTS[what]
    return Feature(
        f"{what}_{days}d",
        f"{what_en} that start in the {days} days up to the claim's start day, that day left out; scaled up where the "
        "history looks back less",
        f"Даатгуулагчийн өмнөх {days} хоногт ногдох {mn}: {{value}}",
        f"{en} in the {days} days before: {{value}}",
        "days" if what == "inpatient_days" else "count",
        alike=len(WINDOWS_DAYS),
        version="2",
    )


_PERSON = (
    Feature(
        "days_since_previous",
        f"days since the start of the insured's previous claim, at most {LONGEST_GAP_DAYS}",
        "Өмнөх нэхэмжлэлээс хойш {value} хоног",
        "{value} days after the insured's previous claim",
        "days",
        neutral=LONGEST_GAP_DAYS,
        strange="less",
    ),
    Feature(
        "days_since_same_group",
        f"the same, of the claims of the same DRG (or care type and service), at most {LONGEST_GAP_DAYS}",
        "Ижил бүлгийн өмнөх нэхэмжлэлээс хойш {value} хоног",
        "{value} days after the insured's previous claim of the same group",
        "days",
        neutral=LONGEST_GAP_DAYS,
        strange="less",
    ),
    Feature(
        "visits_same_day",
        "standing claims of the insured that start on the claim's start day at its facility, tests and other items "
        "aside",
        "Даатгуулагч тухайн өдөр тус байгууллагад {value} нэхэмжлэлтэй (шинжилгээг эс тооцвол)",
        "The insured has {value} claims at the facility on that day, tests aside",
        "count",
    ),
    Feature(
        "facilities_same_day",
        "facilities at which the insured has claims that start on the claim's start day",
        "Даатгуулагч тухайн өдөр {value} байгууллагаар үйлчлүүлсэн",
        "The insured was at {value} facilities on that day",
        "count",
    ),
    Feature(
        "tests_same_day",
        "tests and other items (claims without DRG that name a service) of the insured that start on the claim's start "
        "day",
        "Даатгуулагч тухайн өдөр {value} шинжилгээ, үйлчилгээтэй",
        "The insured has {value} tests or items on that day",
        "count",
    ),
    *(_counted(what, days) for what in COUNTED for days in WINDOWS_DAYS),
    Feature(
        "readmission_30d",
        "1: a stay within 30 days of the end of another stay of the insured, of another case",
        "Өмнөх хэвтэлтээс хойш 30 хоногийн дотор дахин хэвтсэн",
        "Admitted again within 30 days of a discharge",
        "flag",
    ),
)

_DAYS = (
    Feature(
        "cabinet_claims_same_day",
        "standing claims that start on the day of the cabinet or ward, or of the doctor at the facility if that has "
        "more, those of the insured counted as one",
        "Кабинет, тасаг эсвэл эмч тухайн өдөр {value} нэхэмжлэлтэй (даатгуулагчийнхыг нэгээр тооцвол)",
        "The cabinet, ward or doctor has {value} claims on that day, those of the insured counted as one",
        "count",
        neutral=1.0,
        version="2",
    ),
    Feature(
        "facility_day_to_history",
        "n: standing claims of the facility that start on the day, those of the insured counted as one; u, b: the "
        "median and the busiest twentieth of its days in the history; x(·) = 2 √(· + ⅜): "
        "(x(n) − x(u)) / max(1, (x(b) − x(u)) / 1.645)",
        "Байгууллагын тухайн өдрийн ачаалал ердийнхөөсөө {value} стандарт хазайлтаар их",
        "The facility's claims of the day are {value} standard deviations over those of its usual day",
        "deviations",
        version="2",
    ),
)

_FACILITY = (
    Feature(
        "facility_month_to_history",
        "ln((1 + the facility's median day in the claim's month) / (1 + its median day)), both from the history",
        "Байгууллагын тухайн сарын ачаалал өөрийн түүхээс {value} дахин",
        "The facility's month has {value} times the claims of its usual month",
        "times",
    ),
    Feature(
        "high_weight_share",
        "of claims priced above the upper quartile of their family (care type and specialty, without one the letter "
        "of the ICD-10 code) at their facility level: the facility's share of such claims less that of its peers",
        "Байгууллагын өндөр өртгийн жинтэй бүлгийн эзлэх хувь ижил шатлалынхаас {value} нэгжээр их",
        "The facility's share of high-weight groups is {value} points above that of its peers",
        "percent",
    ),
    Feature(
        "facility_deductions",
        "the part of the facility's gross that rules denied so far, drawn towards the nation's where claims are few",
        "Байгууллагын нэхэмжлэлийн {value} нь урьд хасагдсан",
        "{value} of what the facility claimed so far was denied",
        "percent",
    ),
)

_RARITY = (
    Feature(
        "rarity_diagnosis_procedure",
        "−ln(smoothed share of the claims of the ICD-10 category that have the procedure), the rarest procedure; "
        "no procedure counts as one",
        "Энэ оноштой тохиолдлын {value} нь л ийм мэс ажилбартай",
        "Only {value} of the claims of this diagnosis have this procedure",
        "percent",
    ),
    Feature(
        "rarity_diagnosis_age_sex",
        "−ln(smoothed share of the claims of the ICD-10 category that are of this age band, times that of this sex)",
        "Энэ оноштой тохиолдлын {value} нь л ийм нас, хүйсийнх",
        "Only {value} of the claims of this diagnosis are of this age and sex",
        "percent",
        version="2",
    ),
    Feature(
        "rarity_group_facility",
        "−ln(smoothed share of the facility's claims that are of this DRG, or care type and service)",
        "Байгууллагын нэхэмжлэлийн {value} нь л энэ бүлгийнх",
        "Only {value} of the facility's claims are of this group",
        "percent",
    ),
)

FEATURES: Final[tuple[Feature, ...]] = (*_OWN, *_PERSON, *_DAYS, *_FACILITY, *_RARITY)
COLUMN: Final = {feature.name: column for column, feature in enumerate(FEATURES)}
"""The column of each feature."""
