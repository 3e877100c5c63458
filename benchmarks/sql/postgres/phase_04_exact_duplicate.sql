-- EXACT_DUPLICATE (§3, phase 4): alike in everything that is billed, the later is denied.

CREATE FUNCTION procedure_set(procedures text[]) RETURNS text[] IMMUTABLE PARALLEL SAFE
RETURN ARRAY(SELECT DISTINCT clinical_code(code) FROM unnest(procedures) AS code WHERE code IS NOT NULL ORDER BY 1);

-- Five cheap keys leave few claims to be compared in full.
CREATE UNLOGGED TABLE alike AS
SELECT c.insured_no, c.facility_no, c.care_no, c.start_at, c.end_at
FROM payable c
JOIN care_terms t USING (terms_no)
WHERE t.exact_duplicate
GROUP BY 1, 2, 3, 4, 5
HAVING count(*) > 1;

ANALYZE alike;

INSERT INTO settled
WITH compared AS (
    SELECT
        c.ord,
        min(c.ord) OVER (
            PARTITION BY
                c.insured_no, c.facility_no, c.care_no, c.start_at, c.end_at, c.icd10_no, c.drg_no, c.service_no,
                raw.department_id, c.quantity, c.billed_mnt, raw.site, procedure_set(raw.procedures)
        ) AS first_ord
    FROM payable c
    JOIN care_terms t USING (terms_no)
    JOIN alike USING (insured_no, facility_no, care_no, start_at, end_at)
    JOIN claims raw ON raw.row_no = c.row_no
    WHERE t.exact_duplicate
)
SELECT ord, 'denied', 'EXACT_DUPLICATE', first_ord
FROM compared
WHERE ord > first_ord;

ANALYZE settled;
