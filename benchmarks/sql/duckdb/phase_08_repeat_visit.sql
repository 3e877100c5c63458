-- REPEAT_VISIT (3.3.5, 3.3.6; §3, phase 8): the same illness, month, facility and specialty in another cabinet.
-- Follow-ups in the first visit's cabinet are cases of their own, unless the book allows one a month.

INSERT INTO settled
WITH visit AS (
    SELECT c.ord, c.row_no, c.terms_no, c.insured_no, c.care_no, c.facility_no, c.month, c.icd10_no
    FROM payable c
    JOIN care_terms t USING (terms_no)
    WHERE t.repeat_visit
),
-- Few persons come back to a facility within the month: only their specialty, cabinet and illness are looked at.
back_again AS (
    SELECT insured_no, care_no, facility_no, month
    FROM visit
    GROUP BY ALL
    HAVING count(*) > 1
),
described AS (
    SELECT
        v.ord, v.insured_no, v.care_no, v.facility_no, v.month, t.one_per_month,
        raw.specialty, raw.department_id, left(i.icd10, t.icd10_chars) AS illness
    FROM visit v
    SEMI JOIN back_again USING (insured_no, care_no, facility_no, month)
    JOIN care_terms t USING (terms_no)
    JOIN icd10 i USING (icd10_no)
    JOIN raw_claim raw ON raw.row_no = v.row_no
    WHERE raw.specialty IS NOT NULL AND raw.department_id IS NOT NULL
),
compared AS (
    SELECT
        ord,
        department_id,
        first_value(ord) OVER alike AS first_ord,
        first_value(department_id) OVER alike AS first_cabinet,
        first_value(one_per_month) OVER alike AS first_mode
    FROM described
    WINDOW alike AS (PARTITION BY insured_no, care_no, facility_no, month, specialty, illness ORDER BY ord)
)
SELECT ord, 'denied', 'REPEAT_VISIT', first_ord
FROM compared
WHERE ord > first_ord AND (department_id <> first_cabinet OR first_mode);
