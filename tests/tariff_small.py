"""A small tariff book that is right in everything, and ways to spoil it: texts in, a folder out."""

from collections.abc import Callable
from pathlib import Path

Files = dict[str, str]
Edit = Callable[[Files], None]

GOOD: Files = {
    "tariff.toml": (
        'name = "small"\ntitle = "Small"\njurisdiction = "MN"\ncurrency = "MNT"\n'
        'timezone = "Asia/Ulaanbaatar"\nsource = "test"\nsynthetic = true\n'
    ),
    "care_types.csv": (
        "care_type,priced_by,stay,bundled_in,name_mn,name_en,valid_from,valid_to,source\n"
        "inpatient,drg,true,,Хэвтүүлэн,Inpatient,2010-01-01,,test\n"
        "outpatient,drg,false,inpatient,Амбулатори,Outpatient,2010-01-01,2019-12-31,test\n"
        "outpatient,item,false,inpatient,Амбулатори,Outpatient,2020-01-01,,test\n"
        "diagnostics,item,FALSE,inpatient | outpatient,Оношилгоо,Diagnostics,2010-01-01,,test\n"
    ),
    "base_rates.csv": (
        "care_type,level,ownership,base_mnt,valid_from,valid_to,source\n"
        "inpatient,*,*,200000,2010-01-01,2019-12-31,test\n"
        "inpatient,*,*,300000,2020-01-01,,test\n"
        "inpatient,3,private,450000,2015-01-01,,test\n"
    ),
    "drgs.csv": (
        "drg_code,care_type,name_mn,name_en,weight_e4,total_mnt,valid_from,valid_to,source\n"
        "14221,inpatient,Эпилепси,Epilepsy,11773,,2010-01-01,,test\n"
        "F1,inpatient,Мэс засал,Surgery,,4500000,2012-01-01,,test\n"
        "V1,outpatient,Үзлэг,Visit,,9000,2010-01-01,2019-12-31,test\n"
    ),
    "drg_map.csv": (
        "care_type,icd10_from,icd10_to,procedure,paired_icd10,age_from,age_to,sex,drg_code,priority,"
        "valid_from,valid_to,source\n"
        "inpatient,g40,G42.9,,,,,,14221,0,2010-01-01,,test\n"
        "inpatient,G40,G40,01.5,c,0,17,f,F1,10,2012-01-01,,test\n"
        "outpatient,A00,Z9Z,,,,,,V1,-1,2010-01-01,,test\n"
    ),
    "items.csv": (
        "care_type,service_code,name_mn,name_en,unit_mnt,valid_from,valid_to,source\n"
        "diagnostics,CBC,Цус,Blood count,5000,2010-01-01,,test\n"
        "diagnostics,*,Бусад,Any other,,2010-01-01,,test\n"
        "outpatient,*,Үзлэг,Visit,7000,2020-01-01,,test\n"
    ),
    "copay.csv": (
        "care_type,level,drg_code,service_code,rate_bp,fixed_mnt,keeps_copay,valid_from,valid_to,source\n"
        "inpatient,2,*,*,1000,,false,2010-01-01,,test\n"
        "inpatient,*,F1,*,,5000,true,2012-01-01,,test\n"
    ),
    "exemptions.csv": (
        "kind,value,valid_from,valid_to,source\n"
        "category,child,2010-01-01,,test\n"
        "icd10,o8.0,2010-01-01,,test\n"
    ),
    "eligibility.csv": (
        "facility_type,ownership,care_type,needs_contract,valid_from,valid_to,source\n"
        "15.1.7,state,inpatient,false,2010-01-01,,test\n"
        "15.1.7,private,inpatient,true,2010-01-01,,test\n"
    ),
    "rules.csv": (
        "rule,parameter,value,valid_from,valid_to,source\n"
        "MINIMUM_STAY,enabled,true,2010-01-01,,test\n"
        "MINIMUM_STAY,hours,12,2010-01-01,2014-12-31,test\n"
        "MINIMUM_STAY,hours,24,2015-01-01,,test\n"
        "REPEAT_VISIT,enabled,false,,,test\n"
        "REPEAT_VISIT,icd10_chars,,,,test\n"
        "REPEAT_VISIT,care_types,outpatient,,,test\n"
        "VISIT_COPAY,rates_bp,0|3000 | 5000,,,test\n"
    ),
}


def write_book(folder: Path, *edits: Edit) -> Path:
    """The good book after these edits, as a folder."""
    files = dict(GOOD)
    for edit in edits:
        edit(files)
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8", newline="")
    return folder


def replaced(file: str, old: str, new: str) -> Edit:
    """The only `old` in a file is `new`."""

    def edit(files: Files) -> None:
        assert files[file].count(old) == 1, f"{old!r} is {files[file].count(old)} times in {file}"
        files[file] = files[file].replace(old, new)

    return edit


def appended(file: str, *lines: str) -> Edit:
    """These lines at the end of a file."""

    def edit(files: Files) -> None:
        files[file] += "".join(f"{line}\n" for line in lines)

    return edit


def without(file: str) -> Edit:
    """No such file."""

    def edit(files: Files) -> None:
        del files[file]

    return edit


def rewritten(file: str, text: str) -> Edit:
    """A file with another text altogether."""

    def edit(files: Files) -> None:
        files[file] = text

    return edit
