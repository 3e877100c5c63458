-- REHAB_SESSIONS (3.9.4; §3, phase 11): the day's sessions of one month in one facility are one case, if they are enough.

CREATE UNLOGGED TABLE rehab_case AS
SELECT
    c.ord,
    min(c.ord) OVER course AS case_ord,
    coalesce(min(c.ord) FILTER (WHERE t.rehabilitation) OVER course, min(c.ord) OVER course) AS paid_ord,
    sum(c.quantity) OVER course >= first_value(t.sessions) OVER (course ORDER BY c.ord) AS enough
FROM payable c
JOIN care_terms t USING (terms_no)
WHERE t.rehab_sessions AND c.end_at <= c.start_at + INTERVAL '24 hours'
WINDOW course AS (PARTITION BY c.insured_no, c.facility_no, c.month);

INSERT INTO case_member SELECT ord, case_ord FROM rehab_case WHERE ord <> case_ord;

INSERT INTO settled
SELECT ord, 'merged', 'REHAB_SESSIONS', paid_ord FROM rehab_case WHERE enough AND ord <> paid_ord;

INSERT INTO settled
SELECT ord, 'denied', 'TOO_FEW_SESSIONS', NULL FROM rehab_case WHERE NOT enough;

ANALYZE settled;
