-- REPEAT_TEST (3.5.8; §3, phase 10): the same test twice a month on the same level of facilities.

INSERT INTO settled
WITH test AS (
    SELECT c.ord, c.insured_no, c.care_no, c.service_no, month_of(c.start_at) AS month, c.level, c.site
    FROM payable c
    JOIN care_terms t USING (terms_no)
    WHERE t.repeat_test AND c.has_service
),
repeated AS (
    SELECT insured_no, care_no, service_no, month, level, site, min(ord) AS first_ord
    FROM test
    GROUP BY ALL
    HAVING count(*) > 1
)
SELECT test.ord, 'denied', 'REPEAT_TEST', r.first_ord
FROM repeated r
JOIN test
    ON test.insured_no = r.insured_no AND test.care_no = r.care_no AND test.service_no = r.service_no
    AND test.month = r.month
    AND test.level IS NOT DISTINCT FROM r.level AND test.site IS NOT DISTINCT FROM r.site
WHERE test.ord > r.first_ord;
