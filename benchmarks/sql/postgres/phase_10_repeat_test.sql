-- REPEAT_TEST (3.5.8; §3, phase 10): the same test twice a month on the same level of facilities.

CREATE UNLOGGED TABLE tested_again AS
SELECT *
FROM (
    SELECT
        c.ord, c.row_no, c.insured_no, c.care_no, c.service_no, c.month, c.level,
        count(*) OVER (PARTITION BY c.insured_no, c.care_no, c.service_no, c.month) AS tests
    FROM payable c
    JOIN care_terms t USING (terms_no)
    WHERE t.repeat_test AND c.has_service
)
WHERE tests > 1;

ANALYZE tested_again;

INSERT INTO settled
SELECT ord, 'denied', 'REPEAT_TEST', first_ord
FROM (
    SELECT
        a.ord,
        min(a.ord) OVER (
            PARTITION BY a.insured_no, a.care_no, a.service_no, a.month, a.level, raw.site
        ) AS first_ord
    FROM tested_again a
    JOIN claims raw USING (row_no)
)
WHERE ord > first_ord;

ANALYZE settled;
