-- REPEAT_VISIT (3.3.5, 3.3.6; §3, phase 8): the same illness, month, facility and specialty in another cabinet.
-- Follow-ups in the first visit's cabinet are cases of their own, unless the book allows one a month.

-- Few persons come back to a facility within the month: only their specialty, cabinet and illness are looked at.
CREATE UNLOGGED TABLE back_again AS
SELECT ord, row_no, insured_no, care_no, facility_no, month, illness, one_per_month
FROM (
    SELECT
        c.ord, c.row_no, c.insured_no, c.care_no, c.facility_no, c.month, t.one_per_month,
        left(i.icd10, t.icd10_chars) AS illness,
        count(*) OVER (PARTITION BY c.insured_no, c.care_no, c.facility_no, c.month) AS visits
    FROM payable c
    JOIN care_terms t USING (terms_no)
    JOIN icd10 i USING (icd10_no)
    WHERE t.repeat_visit
)
WHERE visits > 1;

ANALYZE back_again;

INSERT INTO settled
SELECT ord, 'denied', 'REPEAT_VISIT', first_ord
FROM (
    SELECT
        b.ord,
        raw.department_id,
        first_value(b.ord) OVER alike AS first_ord,
        first_value(raw.department_id) OVER alike AS first_cabinet,
        first_value(b.one_per_month) OVER alike AS first_mode
    FROM back_again b
    JOIN claims raw USING (row_no)
    WHERE raw.specialty IS NOT NULL AND raw.department_id IS NOT NULL
    WINDOW alike AS (
        PARTITION BY b.insured_no, b.care_no, b.facility_no, b.month, raw.specialty, b.illness ORDER BY b.ord
    )
)
WHERE ord > first_ord AND (department_id <> first_cabinet OR first_mode);

ANALYZE settled;
