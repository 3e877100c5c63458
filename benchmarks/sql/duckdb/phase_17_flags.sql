-- Flags (§3, phase 17) on paid and reduced claims: for people to look at, never money.
-- Out: flag (ord and one column a flag; suspect_of is the earlier claim of a suspected duplicate).

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
        c.ord, c.start_at, c.end_at, c.insured_no, c.facility_no, c.care_no, c.department_id, c.by_item,
        CASE WHEN c.by_item THEN c.service_no ELSE c.icd10_no END AS what,
        CASE WHEN c.by_item THEN c.site END AS site
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
        ord, start_at, end_at,
        min(ord) OVER alike AS group_ord,
        max(end_at) OVER (alike ORDER BY start_at, ord ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS latest_end
    FROM comparable
    SEMI JOIN several USING (insured_no, facility_no, care_no, by_item, what)
    WINDOW alike AS (PARTITION BY insured_no, facility_no, care_no, by_item, what, department_id, site)
)
SELECT later.ord, arg_min(earlier.ord, earlier.end_at) AS suspect_of
FROM numbered later
JOIN numbered earlier
    ON earlier.group_ord = later.group_ord AND earlier.end_at >= later.start_at
WHERE later.start_at <= later.latest_end
    AND (earlier.latest_end IS NULL OR earlier.end_at > earlier.latest_end)
GROUP BY later.ord;

CREATE TABLE paired_diagnosis_missing AS
SELECT c.ord
FROM payable c
JOIN care_terms t USING (terms_no)
JOIN icd10 i USING (icd10_no)
JOIN claims raw ON raw.row_no = c.row_no
WHERE t.paired_diagnosis
    AND NOT starts_with(i.icd10, 'C')
    AND NOT coalesce(
        list_bool_or(list_transform(raw.icd10_secondary, lambda s: starts_with(clinical_code(s), 'C'))), false
    );

CREATE TABLE flag AS
SELECT
    ord,
    bool_or(name = 'OVERLAPPING_STAY') AS overlapping_stay,
    bool_or(name = 'VISIT_TOO_SHORT') AS visit_too_short,
    bool_or(name = 'SUSPECT_DUPLICATE') AS suspect_duplicate,
    bool_or(name = 'PAIRED_DIAGNOSIS_MISSING') AS paired_diagnosis_missing,
    max(suspect_of) AS suspect_of
FROM (
    SELECT ord, 'OVERLAPPING_STAY' AS name, NULL AS suspect_of FROM overlapping_stay
    UNION ALL SELECT ord, 'VISIT_TOO_SHORT', NULL FROM visit_too_short
    UNION ALL SELECT ord, 'SUSPECT_DUPLICATE', suspect_of FROM suspect_duplicate
    UNION ALL SELECT ord, 'PAIRED_DIAGNOSIS_MISSING', NULL FROM paired_diagnosis_missing
)
GROUP BY ord;
