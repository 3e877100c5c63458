-- REPEAT_VISIT (3.3.5, 3.3.6; §3, phase 8): the same illness, month, facility and specialty in another cabinet.
-- Follow-ups in the first visit's cabinet are cases of their own, unless the book allows one a month.

INSERT INTO settled
WITH visit AS (
    SELECT
        c.ord, c.terms_no, c.department_id, c.insured_no, c.care_no, c.facility_no, c.specialty,
        month_of(c.start_at) AS month,
        left(i.icd10, t.icd10_chars) AS illness
    FROM payable c
    JOIN care_terms t USING (terms_no)
    JOIN icd10 i USING (icd10_no)
    WHERE t.repeat_visit AND c.specialty IS NOT NULL AND c.department_id IS NOT NULL
),
repeated AS (
    SELECT insured_no, care_no, facility_no, specialty, month, illness, min(ord) AS first_ord
    FROM visit
    GROUP BY ALL
    HAVING count(*) > 1
)
SELECT later.ord, 'denied', 'REPEAT_VISIT', r.first_ord
FROM repeated r
JOIN visit later USING (insured_no, care_no, facility_no, specialty, month, illness)
JOIN visit earliest ON earliest.ord = r.first_ord
JOIN care_terms t ON t.terms_no = earliest.terms_no
WHERE later.ord > r.first_ord
    AND (later.department_id <> earliest.department_id OR t.one_per_month);
