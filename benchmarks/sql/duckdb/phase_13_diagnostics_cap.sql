-- DIAGNOSTICS_CAP (3.5.4, 3.5.5; §3, phase 13): a month's diagnostics are one case with a cap; once a quarter a month
-- may go up to the quarter's cap instead. What is over is the patient's.
-- Out: cap_excess (ord, excess_mnt).

CREATE TABLE diagnostics_month AS
WITH month AS (
    SELECT
        c.insured_no, c.facility_no, c.month,
        sum(c.gross_mnt) AS month_gross,
        min(c.ord) AS case_ord,
        arg_min(c.terms_no, c.ord) AS terms_no,
        list(c.ord) AS members
    FROM payable c
    JOIN care_terms t USING (terms_no)
    WHERE t.diagnostics_cap
    GROUP BY ALL
)
SELECT m.*, t.month_mnt, t.quarter_mnt
FROM month m
JOIN care_terms t USING (terms_no);

INSERT INTO case_member
SELECT * FROM (SELECT unnest(members) AS ord, case_ord FROM diagnostics_month WHERE len(members) > 1)
WHERE ord <> case_ord;

CREATE TABLE cap_excess AS
-- A quarter has three months: what is allowed in each follows from the ones before it, written out. A month's own
-- allowance: all of it if it keeps to the month's cap or may extend, else no more than the month's cap; the quarter's
-- cap less what was used bounds both.
WITH quarter AS (
    SELECT
        insured_no, facility_no, month // 3 AS quarter,
        coalesce(max(month_gross) FILTER (month % 3 = 0), 0) AS gross_1,
        coalesce(max(month_gross) FILTER (month % 3 = 1), 0) AS gross_2,
        max(month_gross) FILTER (month % 3 = 2) AS gross_3,
        max(month_mnt) FILTER (month % 3 = 0) AS cap_1,
        max(month_mnt) FILTER (month % 3 = 1) AS cap_2,
        max(month_mnt) FILTER (month % 3 = 2) AS cap_3,
        max(quarter_mnt) FILTER (month % 3 = 0) AS quarter_cap_1,
        max(quarter_mnt) FILTER (month % 3 = 1) AS quarter_cap_2,
        max(quarter_mnt) FILTER (month % 3 = 2) AS quarter_cap_3
    FROM diagnostics_month
    GROUP BY ALL
    -- Below every cap nothing is over.
    HAVING sum(month_gross) > least(min(month_mnt), min(quarter_mnt))
),
first_month AS (
    SELECT
        *,
        coalesce(greatest(least(gross_1, quarter_cap_1), 0), 0) AS allowed_1,
        coalesce(gross_1 > cap_1, false) AS extended_1
    FROM quarter
),
second_month AS (
    SELECT
        *,
        CASE
            WHEN quarter_cap_2 IS NULL THEN 0
            WHEN extended_1 THEN greatest(least(gross_2, cap_2, quarter_cap_2 - allowed_1), 0)
            ELSE greatest(least(gross_2, quarter_cap_2 - allowed_1), 0)
        END AS allowed_2,
        extended_1 OR coalesce(gross_2 > cap_2, false) AS extended_2
    FROM first_month
),
third_month AS (
    SELECT
        *,
        CASE
            WHEN extended_2 THEN greatest(least(gross_3, cap_3, quarter_cap_3 - allowed_1 - allowed_2), 0)
            ELSE greatest(least(gross_3, quarter_cap_3 - allowed_1 - allowed_2), 0)
        END AS allowed_3
    FROM second_month
),
over_cap AS (
    SELECT insured_no, facility_no, quarter * 3 AS month, allowed_1 AS allowed FROM third_month WHERE gross_1 > allowed_1
    UNION ALL
    SELECT insured_no, facility_no, quarter * 3 + 1, allowed_2 FROM third_month WHERE gross_2 > allowed_2
    UNION ALL
    SELECT insured_no, facility_no, quarter * 3 + 2, allowed_3 FROM third_month WHERE gross_3 > allowed_3
),
-- Lines are filled by order.
filled AS (
    SELECT
        c.ord, c.gross_mnt, o.allowed,
        sum(c.gross_mnt) OVER (PARTITION BY m.case_ord ORDER BY c.ord ROWS UNBOUNDED PRECEDING) AS so_far
    FROM over_cap o
    JOIN (
        SELECT insured_no, facility_no, month, case_ord, unnest(members) AS ord FROM diagnostics_month
    ) m USING (insured_no, facility_no, month)
    JOIN claim c ON c.ord = m.ord
)
SELECT ord, CAST(least(gross_mnt, so_far - allowed) AS BIGINT) AS excess_mnt
FROM filled
WHERE so_far > allowed AND gross_mnt > 0;
