-- POSITIVE_ALREADY (3.5.7; §3, phase 9): a test after its positive result, anywhere, at any time. The positive counts
-- whether or not its own claim is paid.

CREATE UNLOGGED TABLE positive_test AS
SELECT c.ord, c.insured_no, c.care_no, c.service_no, c.start_at, c.positive
FROM claim c
JOIN service s USING (terms_no, service_no)
JOIN positive_service p ON p.terms_no = s.terms_no AND p.service_code = s.service_code;

INSERT INTO settled
WITH earliest AS (
    SELECT DISTINCT ON (insured_no, care_no, service_no) *
    FROM positive_test
    WHERE positive
    ORDER BY insured_no, care_no, service_no, start_at, ord
)
SELECT test.ord, 'denied', 'POSITIVE_ALREADY', e.ord
FROM positive_test test
JOIN earliest e USING (insured_no, care_no, service_no)
JOIN payable c ON c.ord = test.ord
WHERE (test.start_at, test.ord) > (e.start_at, e.ord);

ANALYZE settled;
