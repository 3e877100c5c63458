-- Grouping (rules §2.2, §2.3): which claims are priced by item, and the DRG of the others.
-- In: raw_claim, map_row. Out: service, icd10, diagnosis, candidate, listed, conditional_choice.

-- By item: the care type is, or the book lists this very service for the care type.
CREATE UNLOGGED TABLE service AS
WITH seen AS (SELECT DISTINCT terms_no, service_code FROM raw_claim),
item AS (
    SELECT t.terms_no, i.service_code, i.unit_mnt::bigint AS unit_mnt, i.valid_from::date AS valid_from
    FROM book_items i
    JOIN care_terms t ON t.care_type = i.care_type AND in_force(t.first_day, i.valid_from, i.valid_to)
)
SELECT
    s.terms_no,
    s.service_code,
    (dense_rank() OVER (ORDER BY s.service_code))::integer AS service_no,
    t.priced_by_item OR own.terms_no IS NOT NULL AS by_item,
    coalesce(own.terms_no, other.terms_no) IS NOT NULL AS item_found,
    CASE WHEN own.terms_no IS NOT NULL THEN own.unit_mnt ELSE other.unit_mnt END AS unit_mnt,
    CASE WHEN own.terms_no IS NOT NULL THEN own.valid_from ELSE other.valid_from END AS valid_from
FROM seen s
JOIN care_terms t USING (terms_no)
LEFT JOIN item own ON own.terms_no = s.terms_no AND own.service_code = s.service_code AND own.service_code <> '*'
LEFT JOIN item other ON other.terms_no = s.terms_no AND other.service_code = '*' AND t.priced_by_item;

-- The candidates of a diagnosis, best first. Claims share a few thousand (care type, epoch, diagnosis): the ranges of
-- drg_map are searched for those. The first three characters of code and range narrow it to a few rows by hash join;
-- the exact bounds are tested on what is left.
CREATE UNLOGGED TABLE diagnosis_code AS
WITH seen AS (SELECT DISTINCT terms_no, icd10 AS raw_icd10 FROM raw_claim)
SELECT
    terms_no, raw_icd10,
    clinical_code(raw_icd10) AS icd10,
    left(clinical_code(raw_icd10), 3) AS category,
    (dense_rank() OVER (ORDER BY clinical_code(raw_icd10)))::integer AS icd10_no
FROM seen;

CREATE UNLOGGED TABLE icd10 AS SELECT DISTINCT icd10_no, icd10 FROM diagnosis_code;

ANALYZE service, diagnosis_code, icd10;

CREATE UNLOGGED TABLE candidate AS
WITH category AS (SELECT DISTINCT terms_no, category FROM diagnosis_code),
in_category AS (
    SELECT g.category, m.*
    FROM category g
    JOIN map_row m ON m.terms_no = g.terms_no
        AND g.category >= left(m.icd10_from, 3) AND g.category <= left(m.icd10_to, 3)
),
code AS (SELECT DISTINCT terms_no, category, icd10, icd10_no FROM diagnosis_code)
SELECT
    code.terms_no, code.icd10_no, m.drg_no, m.drg_code, m.unconditional,
    m.procedure, m.paired_icd10, m.age_from, m.age_to, m.sex,
    row_number() OVER (
        PARTITION BY code.terms_no, code.icd10_no
        ORDER BY m.priority DESC, m.procedure IS NULL, m.width, m.drg_code
    ) AS place
FROM code
JOIN in_category m ON m.terms_no = code.terms_no AND m.category = code.category
WHERE left(code.icd10, length(m.icd10_from)) >= m.icd10_from AND left(code.icd10, length(m.icd10_to)) <= m.icd10_to;

ANALYZE candidate;

-- The best candidate that asks for nothing more is what most claims get.
CREATE UNLOGGED TABLE diagnosis AS
WITH standard AS (
    SELECT DISTINCT ON (terms_no, icd10_no) terms_no, icd10_no, place, drg_no
    FROM candidate
    WHERE unconditional
    ORDER BY terms_no, icd10_no, place
),
exempt_prefix AS (
    SELECT t.terms_no, clinical_code(x.value) AS prefix
    FROM book_exemptions x
    JOIN care_terms t ON in_force(t.first_day, x.valid_from, x.valid_to)
    WHERE x.kind = 'icd10'
)
SELECT
    d.terms_no, d.raw_icd10, d.icd10_no,
    s.drg_no AS standard_drg_no,
    s.place AS standard_place,
    EXISTS (
        SELECT FROM exempt_prefix x WHERE x.terms_no = d.terms_no AND starts_with(d.icd10, x.prefix)
    ) AS copay_exempt
FROM diagnosis_code d
LEFT JOIN standard s USING (terms_no, icd10_no);

CREATE UNLOGGED TABLE listed AS
SELECT DISTINCT terms_no, icd10_no, drg_code, drg_no FROM candidate WHERE unconditional;

ANALYZE diagnosis, listed;

-- Claims that meet a candidate with conditions, where that changes the choice: it is the group the facility claims,
-- or it comes before the standard one. Age in completed years; an unknown age or sex meets no condition on it.
CREATE UNLOGGED TABLE conditional_choice AS
WITH asking AS (
    SELECT
        c.row_no, k.drg_no, k.procedure, k.paired_icd10, k.place,
        c.claimed_drg IS NOT DISTINCT FROM k.drg_code AS claimed
    FROM raw_claim c
    JOIN diagnosis g ON g.terms_no = c.terms_no AND g.raw_icd10 = c.icd10
    JOIN candidate k ON k.terms_no = g.terms_no AND k.icd10_no = g.icd10_no AND NOT k.unconditional
    WHERE (k.sex IS NULL OR k.sex = c.sex)
        AND (k.age_from IS NULL OR completed_years(c.birth_date, c.start_at::date) >= k.age_from)
        AND (k.age_to IS NULL OR completed_years(c.birth_date, c.start_at::date) <= k.age_to)
        AND (c.claimed_drg IS NOT DISTINCT FROM k.drg_code OR g.standard_place IS NULL OR k.place < g.standard_place)
)
SELECT DISTINCT ON (a.row_no) a.row_no, a.drg_no
FROM asking a
JOIN claims c USING (row_no)
WHERE (a.procedure IS NULL OR any_begins(c.procedures, a.procedure))
    AND (a.paired_icd10 IS NULL OR any_begins(c.icd10_secondary, a.paired_icd10))
ORDER BY a.row_no, a.claimed DESC, a.place;

ANALYZE conditional_choice;
