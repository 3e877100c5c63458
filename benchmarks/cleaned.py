"""Accepted claims as the SQL implementations want them: what is malformed and not essential is null, and said so.

In: claims as decode hands them on. Out: the same rows with `ignored_value`. No kernel lives here.
"""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

ICD10 = "^[A-Z][0-9][0-9A-Z][0-9A-Z]{0,4}$"
PROCEDURE = "^[0-9]{2,4}$"


def cleaned(claims: pa.Table, ignored: np.ndarray) -> pa.Table:
    """`ignored`: for each row, whether decode ignored a value (n bool)."""
    columns = {name: claims[name] for name in claims.column_names}
    for name, known in (("sex", ["m", "f"]), ("test_result", ["positive", "negative"])):
        columns[name] = pc.if_else(pc.is_in(columns[name], pa.array(known)), columns[name], None)
    born_after = pc.greater(columns["birth_date"], columns["start_at"].cast(pa.date32()))
    columns["birth_date"] = pc.if_else(
        pc.fill_null(born_after, fill_value=False), None, columns["birth_date"]
    )
    for name, form in (("icd10_secondary", ICD10), ("procedures", PROCEDURE)):
        columns[name] = _well_formed(claims[name].combine_chunks(), form)
    return pa.table(columns | {"ignored_value": pa.array(ignored)})


def _well_formed(lists: pa.ListArray, form: str) -> pa.ListArray:
    """The lists without the codes that are not well formed; a null list stays null."""
    codes = lists.flatten()
    plain = pc.utf8_upper(pc.replace_substring_regex(codes, r"[.\s]", ""))
    good = pc.fill_null(pc.match_substring_regex(plain, form), fill_value=False).to_numpy(
        zero_copy_only=False
    )
    kept = np.concatenate(([0], np.cumsum(good)))
    lengths = pc.fill_null(pc.list_value_length(lists), 0).to_numpy()
    offsets = kept[np.concatenate(([0], np.cumsum(lengths)))].astype(np.int32)
    return pa.ListArray.from_arrays(pa.array(offsets), codes.filter(pa.array(good)), mask=pc.is_null(lists))
