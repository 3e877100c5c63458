"""A diagnosis or procedure as written in, the code as compared out."""

import re

ICD10 = re.compile(r"[A-Z][0-9][0-9A-Z][0-9A-Z]{0,4}", re.ASCII)
ICD9_PROCEDURE = re.compile(r"[0-9]{2,4}", re.ASCII)
_CAPITALS = str.maketrans("abcdefghijklmnopqrstuvwxyz", "ABCDEFGHIJKLMNOPQRSTUVWXYZ")


def normalised(code: str) -> str:
    """Without dot and white space, in capitals: `g40.1` and `G40 1` are G401."""
    return "".join(code.replace(".", "").split()).translate(_CAPITALS)


def is_icd10(code: str) -> bool:
    return ICD10.fullmatch(code) is not None


def is_procedure(code: str) -> bool:
    return ICD9_PROCEDURE.fullmatch(code) is not None
