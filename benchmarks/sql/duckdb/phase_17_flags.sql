-- Flags (§3, phase 17) on paid and reduced claims: for people to look at, never money.
-- Out: flag (ord, flags as a sum of remark() bits, suspect_of: the earlier claim of a suspected duplicate).

CREATE TABLE overlapping_stay AS
-- Two cases of one person in two facilities at once. Only stays that hang together in time are compared in pairs.
WITH stay AS (
    SELECT s.insured_no, s.facility_no, s.first_start, s.latest_end, s.paid_ord
    FROM stay_case s
    JOIN care_terms t USING (terms_no)
    SEMI JOIN payable c ON c.ord = s.paid_ord
    WHERE t.overlapping_stay
),
seen AS (
    SELECT
        *,
        first_start < max(latest_end) OVER (
            PARTITION BY insured_no ORDER BY first_start, paid_ord ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ) AS hangs_on
    FROM stay
),
island AS (
    SELECT
        *,
        count(*) FILTER (hangs_on IS NOT TRUE) OVER (
            PARTITION BY insured_no ORDER BY first_start, paid_ord ROWS UNBOUNDED PRECEDING
        ) AS island_no
    FROM seen
),
shared AS (
    SELECT insured_no, island_no
    FROM island
    GROUP BY ALL
    HAVING min(facility_no) < max(facility_no)
),
together AS (SELECT i.* FROM island i SEMI JOIN shared USING (insured_no, island_no))
SELECT DISTINCT a.paid_ord AS ord
FROM together a
JOIN together b USING (insured_no, island_no)
WHERE a.facility_no <> b.facility_no AND a.first_start < b.latest_end AND b.first_start < a.latest_end;

CREATE TABLE visit_too_short AS
SELECT c.ord
FROM payable c
JOIN care_terms t USING (terms_no)
WHERE t.visit_too_short
    AND c.end_at < c.start_at + t.shortest_visit
    AND NOT (midnight(c.start_at) AND midnight(c.end_at));

-- A claim that begins before one like it has ended (or as it ends). The earlier claim to name is the first, by
-- (start_at, order), that reaches the later's start: it ends later than all before it, so only such are joined.
CREATE TABLE suspect_duplicate AS
WITH comparable AS (
    SELECT
        c.ord, c.row_no, c.start_at, c.end_at, c.insured_no, c.facility_no, c.care_no, c.by_item,
        CASE WHEN c.by_item THEN c.service_no ELSE c.icd10_no END AS what
    FROM payable c
    JOIN care_terms t USING (terms_no)
    WHERE t.suspect_duplicate
),
several AS (
    SELECT insured_no, facility_no, care_no, by_item, what
    FROM comparable
    GROUP BY ALL
    HAVING count(*) > 1
),
numbered AS (
    SELECT
        c.ord, c.start_at, c.end_at,
        min(c.ord) OVER alike AS group_ord,
        max(c.end_at) OVER (
            alike ORDER BY c.start_at, c.ord ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ) AS latest_end
    FROM comparable c
    SEMI JOIN several USING (insured_no, facility_no, care_no, by_item, what)
    JOIN raw_claim raw ON raw.row_no = c.row_no
    WINDOW alike AS (
        PARTITION BY
            c.insured_no, c.facility_no, c.care_no, c.by_item, c.what,
            raw.department_id,
            CASE WHEN c.by_item THEN raw.site END
    )
)
SELECT later.ord, arg_min(earlier.ord, earlier.end_at) AS suspect_of
FROM numbered later
JOIN numbered earlier
    ON earlier.group_ord = later.group_ord AND earlier.end_at >= later.start_at
WHERE later.start_at <= later.latest_end
    AND (earlier.latest_end IS NULL OR earlier.end_at > earlier.latest_end)
GROUP BY later.ord;

CREATE TABLE paired_diagnosis_missing AS
-- The lists are fetched for the few before they are looked into.
WITH cancer_day AS MATERIALIZED (
    SELECT c.ord, sent.icd10_secondary
    FROM payable c
    JOIN care_terms t USING (terms_no)
    JOIN icd10 i USING (icd10_no)
    JOIN claims sent ON sent.row_no = c.row_no
    WHERE t.paired_diagnosis AND NOT starts_with(i.icd10, 'C')
)
SELECT ord
FROM cancer_day
WHERE NOT coalesce(
    list_bool_or(list_transform(icd10_secondary, lambda s: starts_with(clinical_code(s), 'C'))), false
);

CREATE TABLE flag AS
SELECT ord, CAST(sum(bit) AS SMALLINT) AS flags, max(suspect_of) AS suspect_of
FROM (
    SELECT ord, remark('OVERLAPPING_STAY') AS bit, NULL AS suspect_of FROM overlapping_stay
    UNION ALL SELECT ord, remark('VISIT_TOO_SHORT'), NULL FROM visit_too_short
    UNION ALL SELECT ord, remark('SUSPECT_DUPLICATE'), suspect_of FROM suspect_duplicate
    UNION ALL SELECT ord, remark('PAIRED_DIAGNOSIS_MISSING'), NULL FROM paired_diagnosis_missing
)
GROUP BY ord;
