-- Flags (§3, phase 17) on paid and reduced claims: for people to look at, never money.
-- Out: flag (ord, flags as a sum of remark() bits, suspect_of: the earlier claim of a suspected duplicate).

-- Two cases of one person in two facilities at once. Only stays that hang together in time, and not all in one
-- facility, are compared in pairs.
CREATE UNLOGGED TABLE stay_together AS
WITH seen AS (
    SELECT
        s.insured_no, s.facility_no, s.first_start, s.latest_end, s.paid_ord,
        s.first_start < max(s.latest_end) OVER (
            PARTITION BY s.insured_no ORDER BY s.first_start, s.paid_ord
            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ) AS hangs_on
    FROM stay_case s
    JOIN care_terms t USING (terms_no)
    WHERE t.overlapping_stay AND NOT EXISTS (SELECT FROM settled d WHERE d.ord = s.paid_ord)
),
island AS (
    SELECT
        *,
        count(*) FILTER (WHERE hangs_on IS NOT TRUE) OVER (
            PARTITION BY insured_no ORDER BY first_start, paid_ord ROWS UNBOUNDED PRECEDING
        ) AS island_no
    FROM seen
)
SELECT *
FROM (
    SELECT
        *,
        min(facility_no) OVER (PARTITION BY insured_no, island_no) AS one_facility,
        max(facility_no) OVER (PARTITION BY insured_no, island_no) AS other_facility
    FROM island
)
WHERE one_facility < other_facility;

ANALYZE stay_together;

CREATE UNLOGGED TABLE overlapping_stay AS
SELECT DISTINCT a.paid_ord AS ord
FROM stay_together a
JOIN stay_together b USING (insured_no, island_no)
WHERE a.facility_no <> b.facility_no AND a.first_start < b.latest_end AND b.first_start < a.latest_end;

CREATE UNLOGGED TABLE visit_too_short AS
SELECT c.ord
FROM payable c
JOIN care_terms t USING (terms_no)
WHERE t.visit_too_short
    AND c.end_at < c.start_at + t.shortest_visit
    AND NOT (midnight(c.start_at) AND midnight(c.end_at));

-- A claim that begins before one like it has ended (or as it ends). The earlier claim to name is the first, by
-- (start_at, order), that reaches the later's start: it ends later than all before it, so only such are joined.
CREATE UNLOGGED TABLE seen_again AS
SELECT *
FROM (
    SELECT
        c.ord, c.row_no, c.start_at, c.end_at, c.by_item,
        min(c.ord) OVER alike AS alike_ord,
        count(*) OVER alike AS claims
    FROM payable c
    JOIN care_terms t USING (terms_no)
    WHERE t.suspect_duplicate
    WINDOW alike AS (
        PARTITION BY
            c.insured_no, c.facility_no, c.care_no, c.by_item,
            CASE WHEN c.by_item THEN c.service_no ELSE c.icd10_no END
    )
)
WHERE claims > 1;

ANALYZE seen_again;

CREATE UNLOGGED TABLE suspect_candidate AS
SELECT
    c.ord, c.start_at, c.end_at,
    min(c.ord) OVER alike AS group_ord,
    max(c.end_at) OVER (
        alike ORDER BY c.start_at, c.ord ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
    ) AS latest_end
FROM seen_again c
JOIN claims raw USING (row_no)
WINDOW alike AS (PARTITION BY c.alike_ord, raw.department_id, CASE WHEN c.by_item THEN raw.site END);

ANALYZE suspect_candidate;

CREATE UNLOGGED TABLE suspect_duplicate AS
SELECT DISTINCT ON (later.ord) later.ord, earlier.ord AS suspect_of
FROM suspect_candidate later
JOIN suspect_candidate earlier
    ON earlier.group_ord = later.group_ord AND earlier.end_at >= later.start_at
WHERE later.start_at <= later.latest_end
    AND (earlier.latest_end IS NULL OR earlier.end_at > earlier.latest_end)
ORDER BY later.ord, earlier.end_at;

CREATE UNLOGGED TABLE paired_diagnosis_missing AS
-- The lists are fetched for the few before they are looked into.
WITH cancer_day AS MATERIALIZED (
    SELECT c.ord, raw.icd10_secondary
    FROM payable c
    JOIN care_terms t USING (terms_no)
    JOIN icd10 i USING (icd10_no)
    JOIN claims raw ON raw.row_no = c.row_no
    WHERE t.paired_diagnosis AND NOT starts_with(i.icd10, 'C')
)
SELECT ord
FROM cancer_day
WHERE NOT any_begins(icd10_secondary, 'C');

CREATE UNLOGGED TABLE flag AS
SELECT ord, sum(bit)::integer AS flags, max(suspect_of) AS suspect_of
FROM (
    SELECT ord, remark('OVERLAPPING_STAY') AS bit, NULL::integer AS suspect_of FROM overlapping_stay
    UNION ALL SELECT ord, remark('VISIT_TOO_SHORT'), NULL FROM visit_too_short
    UNION ALL SELECT ord, remark('SUSPECT_DUPLICATE'), suspect_of FROM suspect_duplicate
    UNION ALL SELECT ord, remark('PAIRED_DIAGNOSIS_MISSING'), NULL FROM paired_diagnosis_missing
)
GROUP BY ord;

ANALYZE flag, case_member;
