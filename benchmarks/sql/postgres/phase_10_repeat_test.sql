-- REPEAT_TEST (3.5.8; §3, phase 10): the same test twice a month on the same level of facilities.

CREATE UNLOGGED TABLE repeat_test AS
SELECT ord, first_ord
FROM (
    SELECT
        c.ord,
        min(c.ord) OVER (
            PARTITION BY c.insured_no, c.care_no, c.service_no, c.month, c.level, c.site
        ) AS first_ord
    FROM payable c
    JOIN care_terms t USING (terms_no)
    WHERE t.repeat_test AND c.has_service
)
WHERE ord > first_ord;

INSERT INTO settled SELECT ord, 'denied', 'REPEAT_TEST', first_ord FROM repeat_test;

ANALYZE settled;
