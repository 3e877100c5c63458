-- EXACT_DUPLICATE (§3, phase 4): alike in everything that is billed, the later is denied.

INSERT INTO settled
-- Five cheap keys leave few claims to be compared in full.
WITH alike AS (
    SELECT c.insured_no, c.facility_no, c.care_no, c.start_at, c.end_at
    FROM payable c JOIN care_terms t USING (terms_no)
    WHERE t.exact_duplicate
    GROUP BY ALL
    HAVING count(*) > 1
),
compared AS (
    SELECT
        c.ord,
        min(c.ord) OVER (
            PARTITION BY
                c.insured_no, c.facility_no, c.care_no, c.start_at, c.end_at, c.icd10_no, c.drg_no, c.service_no,
                raw.department_id, c.quantity, c.billed_mnt, raw.site,
                list_sort(list_distinct(list_transform(coalesce(sent.procedures, []), lambda p: clinical_code(p))))
        ) AS first_ord
    FROM payable c
    JOIN care_terms t USING (terms_no)
    JOIN alike USING (insured_no, facility_no, care_no, start_at, end_at)
    JOIN raw_claim raw ON raw.row_no = c.row_no
    JOIN claims sent ON sent.row_no = c.row_no
    WHERE t.exact_duplicate
)
SELECT ord, 'denied', 'EXACT_DUPLICATE', first_ord
FROM compared
WHERE ord > first_ord;
