-- REPEAT_TEST (3.5.8; §3, phase 10): the same test twice a month on the same level of facilities.

INSERT INTO settled
WITH test AS (
    SELECT c.ord, c.row_no, c.insured_no, c.care_no, c.service_no, c.month, c.level
    FROM payable c
    JOIN care_terms t USING (terms_no)
    WHERE t.repeat_test AND c.has_service
),
several AS (
    SELECT insured_no, care_no, service_no, month
    FROM test
    GROUP BY ALL
    HAVING count(*) > 1
),
compared AS (
    SELECT
        test.ord,
        min(test.ord) OVER (
            PARTITION BY test.insured_no, test.care_no, test.service_no, test.month, test.level, raw.site
        ) AS first_ord
    FROM test
    SEMI JOIN several USING (insured_no, care_no, service_no, month)
    JOIN raw_claim raw ON raw.row_no = test.row_no
)
SELECT ord, 'denied', 'REPEAT_TEST', first_ord
FROM compared
WHERE ord > first_ord;
