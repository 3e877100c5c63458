-- Grouping (rules §2.2, §2.3): which claims are priced by item, and the DRG of the others.
-- In: raw_claim, map_row. Out: service, diagnosis, candidate, listed, conditional_choice.

-- By item: the care type is, or the book lists this very service for the care type.
CREATE TABLE service AS
WITH seen AS (SELECT DISTINCT terms_no, service_code FROM raw_claim),
item AS (
    SELECT t.terms_no, i.service_code, CAST(i.unit_mnt AS BIGINT) AS unit_mnt, CAST(i.valid_from AS DATE) AS valid_from
    FROM book_items i
    JOIN care_terms t ON t.care_type = i.care_type AND in_force(t.first_day, i.valid_from, i.valid_to)
)
SELECT
    s.terms_no,
    s.service_code,
    CAST(dense_rank() OVER (ORDER BY s.service_code) AS INTEGER) AS service_no,
    t.priced_by_item OR own.terms_no IS NOT NULL AS by_item,
    coalesce(own.terms_no, other.terms_no) IS NOT NULL AS item_found,
    CASE WHEN own.terms_no IS NOT NULL THEN own.unit_mnt ELSE other.unit_mnt END AS unit_mnt,
    CASE WHEN own.terms_no IS NOT NULL THEN own.valid_from ELSE other.valid_from END AS valid_from
FROM seen s
JOIN care_terms t USING (terms_no)
LEFT JOIN item own ON own.terms_no = s.terms_no AND own.service_code = s.service_code AND own.service_code <> '*'
LEFT JOIN item other ON other.terms_no = s.terms_no AND other.service_code = '*' AND t.priced_by_item;

-- The candidates of a diagnosis, best first. Claims share a few thousand (care type, epoch, diagnosis): the ranges of
-- drg_map are searched for those. Equal first three characters of code and range narrow it to a few rows by hash
-- join; the exact bounds are tested on what is left.
CREATE TABLE diagnosis_code AS
WITH seen AS (SELECT DISTINCT terms_no, icd10 AS raw_icd10 FROM raw_claim),
code AS (SELECT terms_no, raw_icd10, clinical_code(raw_icd10) AS icd10 FROM seen)
SELECT
    terms_no, raw_icd10, icd10,
    CAST(dense_rank() OVER (ORDER BY icd10) AS INTEGER) AS icd10_no
FROM code;

CREATE TABLE icd10 AS SELECT DISTINCT icd10_no, icd10 FROM diagnosis_code;

CREATE TABLE candidate AS
WITH category AS (SELECT DISTINCT terms_no, left(icd10, 3) AS category FROM diagnosis_code),
in_category AS (
    SELECT g.category, m.*
    FROM category g
    JOIN map_row m ON m.terms_no = g.terms_no
        AND g.category >= left(m.icd10_from, 3) AND g.category <= left(m.icd10_to, 3)
),
code AS (SELECT DISTINCT terms_no, icd10, icd10_no FROM diagnosis_code)
SELECT
    code.terms_no, code.icd10_no, m.drg_no, m.drg_code, m.unconditional,
    m.procedure, m.paired_icd10, m.age_from, m.age_to, m.sex,
    row_number() OVER (
        PARTITION BY code.terms_no, code.icd10_no
        ORDER BY m.priority DESC, m.procedure IS NULL, m.width, m.drg_code
    ) AS place
FROM code
JOIN in_category m ON m.terms_no = code.terms_no AND m.category = left(code.icd10, 3)
WHERE left(code.icd10, len(m.icd10_from)) >= m.icd10_from AND left(code.icd10, len(m.icd10_to)) <= m.icd10_to;

-- The best candidate that asks for nothing more is what most claims get.
CREATE TABLE diagnosis AS
WITH standard AS (
    SELECT terms_no, icd10_no, min(place) AS place, arg_min(drg_no, place) AS drg_no
    FROM candidate WHERE unconditional GROUP BY terms_no, icd10_no
),
exempt_prefix AS (
    SELECT epoch, clinical_code(value) AS prefix
    FROM book_exemptions x JOIN epoch ON in_force(first_day, x.valid_from, x.valid_to)
    WHERE kind = 'icd10'
)
SELECT
    d.terms_no, d.raw_icd10, d.icd10, d.icd10_no,
    s.drg_no AS standard_drg_no,
    s.place AS standard_place,
    EXISTS (
        FROM exempt_prefix x JOIN care_terms t ON t.epoch = x.epoch
        WHERE t.terms_no = d.terms_no AND starts_with(d.icd10, x.prefix)
    ) AS copay_exempt
FROM diagnosis_code d
LEFT JOIN standard s USING (terms_no, icd10_no);

CREATE TABLE listed AS
SELECT DISTINCT terms_no, icd10_no, drg_code, drg_no FROM candidate WHERE unconditional;

-- Claims that meet a candidate with conditions, where that changes the choice: it is the group the facility claims,
-- or it comes before the standard one. Age in completed years; an unknown age or sex meets no condition on it.
CREATE TABLE conditional_choice AS
WITH asking AS (
    SELECT
        c.row_no, k.drg_no, k.procedure, k.paired_icd10, k.place,
        c.claimed_drg IS NOT DISTINCT FROM k.drg_code AS claimed
    FROM raw_claim c
    JOIN diagnosis g ON g.terms_no = c.terms_no AND g.raw_icd10 = c.icd10
    JOIN candidate k ON k.terms_no = g.terms_no AND k.icd10_no = g.icd10_no AND NOT k.unconditional
    WHERE (k.sex IS NULL OR k.sex = c.sex)
        AND (k.age_from IS NULL OR completed_years(c.birth_date, c.start_at) >= k.age_from)
        AND (k.age_to IS NULL OR completed_years(c.birth_date, c.start_at) <= k.age_to)
        AND (claimed OR g.standard_place IS NULL OR k.place < g.standard_place)
),
met AS (
    SELECT a.row_no, a.drg_no, a.place, a.claimed
    FROM asking a
    JOIN claims c USING (row_no)
    WHERE (a.procedure IS NULL
            OR list_bool_or(list_transform(c.procedures, lambda p: starts_with(clinical_code(p), a.procedure))))
        AND (a.paired_icd10 IS NULL
            OR list_bool_or(list_transform(c.icd10_secondary, lambda s: starts_with(clinical_code(s), a.paired_icd10))))
)
SELECT row_no, arg_min(drg_no, CASE WHEN claimed THEN 0 ELSE place END) AS drg_no
FROM met
GROUP BY row_no;
