-- POSITIVE_ALREADY (3.5.7; §3, phase 9): a test after its positive result, anywhere, at any time. The positive counts
-- whether or not its own claim is paid.

INSERT INTO settled
WITH test AS (
    SELECT c.ord, c.insured_no, c.care_no, c.service_no, c.start_at, c.positive
    FROM claim c
    JOIN service s USING (terms_no, service_no)
    JOIN positive_service p ON p.terms_no = s.terms_no AND p.service_code = s.service_code
),
earliest_positive AS (
    SELECT insured_no, care_no, service_no, min((start_at, ord)) AS at
    FROM test
    WHERE positive
    GROUP BY ALL
)
SELECT test.ord, 'denied', 'POSITIVE_ALREADY', e.at[2]
FROM test
JOIN earliest_positive e USING (insured_no, care_no, service_no)
SEMI JOIN payable c ON c.ord = test.ord
WHERE (test.start_at, test.ord) > e.at;
