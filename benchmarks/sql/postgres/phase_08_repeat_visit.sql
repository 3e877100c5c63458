-- REPEAT_VISIT (3.3.5, 3.3.6; §3, phase 8): the same illness, month, facility and specialty in another cabinet.
-- Follow-ups in the first visit's cabinet are cases of their own, unless the book allows one a month.

CREATE UNLOGGED TABLE repeat_visit AS
WITH visit AS (
    SELECT
        c.ord,
        c.department_id,
        t.one_per_month,
        min(c.ord) OVER alike AS first_ord,
        first_value(c.department_id) OVER (alike ORDER BY c.ord) AS first_cabinet,
        first_value(t.one_per_month) OVER (alike ORDER BY c.ord) AS first_mode
    FROM payable c
    JOIN care_terms t USING (terms_no)
    JOIN icd10 i USING (icd10_no)
    WHERE t.repeat_visit AND c.specialty IS NOT NULL AND c.department_id IS NOT NULL
    WINDOW alike AS (
        PARTITION BY c.insured_no, c.care_no, c.facility_no, c.month, c.specialty, left(i.icd10, t.icd10_chars)
    )
)
SELECT ord, first_ord
FROM visit
WHERE ord > first_ord AND (department_id <> first_cabinet OR first_mode);

INSERT INTO settled SELECT ord, 'denied', 'REPEAT_VISIT', first_ord FROM repeat_visit;
