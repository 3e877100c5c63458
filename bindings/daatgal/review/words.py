"""What the fund's people read: headings, outcomes and reasons, in Mongolian and English.

In: the names that tables use. Out: words; and back, for what comes in again. No kernel lives here.
"""

from __future__ import annotations

from typing import Final, Literal, get_args

from daatgal.errors import InputError

Language = Literal["mn", "en"]
LANGUAGES: Final = get_args(Language)

HEADINGS: Final[dict[str, tuple[str, str]]] = {
    "case_id": ("Тохиолдол", "Case"),
    "claim_id": ("Нэхэмжлэл", "Claim"),
    "claims": ("Нэхэмжлэлүүд", "Claims"),
    "insured": ("Даатгуулагч (нууцалсан)", "Insured (pseudonym)"),
    "insured_id": ("Даатгуулагч", "Insured"),
    "facility_id": ("Байгууллага", "Facility"),
    "region": ("Аймаг, дүүрэг", "Region"),
    "level": ("Шатлал", "Level"),
    "care_type": ("Тусламж, үйлчилгээний төрөл", "Care type"),
    "start_at": ("Эхэлсэн", "Start"),
    "end_at": ("Дууссан", "End"),
    "drg_code": ("ОХБ", "DRG"),
    "gross_mnt": ("Үнийн дүн, ₮", "Gross, ₮"),
    "fund_mnt": ("Сангаас, ₮", "Fund's part, ₮"),
    "copay_mnt": ("Хамтын төлбөр, ₮", "Copayment, ₮"),
    "decision": ("Шийдвэр", "Decision"),
    "amount_at_risk_mnt": ("Эрсдэлтэй дүн, ₮", "Amount at risk, ₮"),
    "peer_cases": ("Жишиг бүлгийн тохиолдол", "Peer cases"),
    "peer_median_mnt": ("Жишиг бүлгийн медиан, ₮", "Peer median, ₮"),
    "outcome": ("Дүгнэлт", "Outcome"),
    "amount_mnt": ("Зөрүү дүн, ₮", "Amount wrong, ₮"),
    "auditor": ("Хянагч", "Auditor"),
    "reviewed_at": ("Хянасан огноо", "Reviewed"),
    "note": ("Тайлбар", "Note"),
    "source": ("Түүврийн эх", "Source"),
    "stratum": ("Давхарга", "Stratum"),
    "score": ("Оноо", "Score"),
    "percentile": ("Перцентиль", "Percentile"),
    "weight": ("Жин", "Weight"),
    "inclusion_probability": ("Түүвэрт орох магадлал", "Inclusion probability"),
    "reason_codes": ("Шалтгааны код", "Reason codes"),
    "reasons": ("Шалтгаан", "Reasons"),
    "evidence": ("Нотолгоо", "Evidence"),
    "first_outcome": ("Анхны дүгнэлт", "First outcome"),
}

OUTCOMES: Final[dict[str, tuple[str, str]]] = {
    "overpaid": ("илүү төлсөн", "overpaid"),
    "underpaid": ("дутуу төлсөн", "underpaid"),
    "correct": ("зөв", "correct"),
    "cannot_determine": ("тогтоох боломжгүй", "cannot determine"),
}

REASONS: Final[dict[str, tuple[str, str]]] = {
    "MANUAL": ("гараар шийдвэрлэсэн", "decided by hand"),
    "REPLACED": ("засварласан мэдээгээр солигдсон", "replaced by a later message"),
    "CANCELLED": ("цуцлагдсан", "cancelled"),
    "NO_DRG": ("тохирох ОХБ олдсонгүй", "no DRG admits it"),
    "NO_TARIFF": ("хүчинтэй тариф байхгүй", "no tariff was in force"),
    "NO_PRICE": ("үнэ тодорхойгүй", "no price is known"),
    "NOT_ELIGIBLE": ("байгууллага энэ тусламжийг үзүүлэх эрхгүй", "the facility may not provide this care"),
    "NOT_COVERED": ("даатгал хүчингүй байсан", "the insured was not covered"),
    "AFTER_DEATH": ("нас барсны дараах үйлчилгээ", "after the insured's death"),
    "ORDER_MISSING": ("эмчийн захиалга байхгүй", "a doctor's order is missing"),
    "EXACT_DUPLICATE": ("яг ижил нэхэмжлэл давхардсан", "the same claim twice"),
    "WARD_TRANSFER": ("тасаг хооронд шилжсэн нэг тохиолдол", "a transfer between wards of one stay"),
    "STAY_TOO_SHORT": ("хэвтсэн хугацаа богино", "the stay was too short"),
    "BUNDLED_IN_STAY": ("хэвтэн эмчлүүлэх хугацаанд багтсан", "included in a stay"),
    "REPEAT_VISIT": ("нэг өвчнөөр өөр кабинетад давтан үзлэг", "a repeat visit in another cabinet"),
    "POSITIVE_ALREADY": ("эерэг хариу өмнө нь гарсан шинжилгээ", "a test that was positive before"),
    "REPEAT_TEST": ("нэг сард давтан хийсэн шинжилгээ", "the same test twice in a month"),
    "REHAB_SESSIONS": ("сэргээн засах нэг тохиолдолд нэгтгэсэн", "merged into one rehabilitation case"),
    "TOO_FEW_SESSIONS": ("сэргээн засах эмчилгээний удаа хүрээгүй", "too few rehabilitation sessions"),
    "ONCE_A_YEAR": ("жилд нэг удаагийн үйлчилгээ давхардсан", "more than once a year"),
    "OVER_CAP": ("хязгаараас хэтэрсэн", "over a cap"),
    "OVER_YEAR_LIMIT": ("жилийн хязгаараас хэтэрсэн", "over the yearly limit"),
    "DRG_CORRECTED": ("нэхэмжилсэн ОХБ-ийг зассан", "the claimed DRG was corrected"),
    "IGNORED_VALUE": ("буруу бичигдсэн утгыг тооцоогүй", "a malformed value was ignored"),
    "BILLED_ABOVE_TARIFF": ("тарифаас өндөр нэхэмжилсэн", "billed above the tariff"),
    "BILLED_BELOW_TARIFF": ("тарифаас доогуур нэхэмжилсэн", "billed below the tariff"),
    "OVERLAPPING_STAY": ("хоёр байгууллагад зэрэг хэвтсэн", "stays in two facilities overlap"),
    "VISIT_TOO_SHORT": ("үзлэгийн хугацаа хэт богино", "the visit was very short"),
    "SUSPECT_DUPLICATE": ("давхардсан байж болзошгүй", "perhaps the same service twice"),
    "PAIRED_DIAGNOSIS_MISSING": ("хос онош дутуу", "the paired diagnosis is missing"),
}

ANOMALY: Final = "ANOMALY_"
_ANOMALY_WORDS: Final = ("ердийнхөөс зөрсөн үзүүлэлт", "an unusual value of")


def language(name: str) -> Language:
    """One of the languages there are."""
    if name == "mn" or name == "en":
        return name
    raise InputError(f"language: found {name!r}, expected one of {', '.join(LANGUAGES)}")


def heading(column: str, lang: Language) -> str:
    """The heading of a column."""
    return _of(HEADINGS[column], lang)


def outcome_words(outcome: str, lang: Language) -> str:
    """An outcome as it is read and written."""
    return _of(OUTCOMES[outcome], lang)


def reason_words(code: str, lang: Language) -> str:
    """A reason code in words; a code that this version does not know stands as it is."""
    if code.startswith(ANOMALY):
        return f"{_of(_ANOMALY_WORDS, lang)} {code.removeprefix(ANOMALY)}"
    words = REASONS.get(code)
    return code if words is None else _of(words, lang)


def column_named(name: str) -> str | None:
    """The column that a heading in either language, or the column's own name, stands for; None: no known one."""
    return _KNOWN_COLUMNS.get(name.strip().casefold())


def outcome_named(name: str) -> str | None:
    """The outcome that a word in either language, or its own name, stands for; None: no known one."""
    return _KNOWN_OUTCOMES.get(name.strip().casefold())


def _of(words: tuple[str, str], lang: Language) -> str:
    return words[LANGUAGES.index(lang)]


def _index(words: dict[str, tuple[str, str]]) -> dict[str, str]:
    spellings = [(spelling, name) for name, pair in words.items() for spelling in (name, *pair)]
    return {spelling.casefold(): name for spelling, name in spellings}


_KNOWN_COLUMNS: Final = _index(HEADINGS)
_KNOWN_OUTCOMES: Final = _index(OUTCOMES)
