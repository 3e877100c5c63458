-- REHAB_SESSIONS (3.9.4; §3, phase 11): the day's sessions of one month in one facility are one case, if they are enough.

CREATE TABLE rehab_case AS
WITH course AS (
    SELECT
        c.insured_no, c.facility_no, c.month,
        min(c.ord) AS case_ord,
        arg_min(t.sessions, c.ord) AS sessions_needed,
        sum(c.quantity) AS sessions,
        coalesce(min(c.ord) FILTER (t.rehabilitation), min(c.ord)) AS paid_ord,
        list(c.ord) AS members
    FROM payable c
    JOIN care_terms t USING (terms_no)
    WHERE t.rehab_sessions AND c.end_at <= c.start_at + INTERVAL 24 HOUR
    GROUP BY ALL
)
SELECT unnest(members) AS ord, case_ord, paid_ord, sessions >= sessions_needed AS enough
FROM course;

INSERT INTO case_member SELECT ord, case_ord FROM rehab_case WHERE ord <> case_ord;

INSERT INTO settled
SELECT ord, 'merged', 'REHAB_SESSIONS', paid_ord FROM rehab_case WHERE enough AND ord <> paid_ord
UNION ALL
SELECT ord, 'denied', 'TOO_FEW_SESSIONS', NULL FROM rehab_case WHERE NOT enough;
