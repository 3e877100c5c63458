-- DIAGNOSTICS_CAP (3.5.4, 3.5.5; §3, phase 13): a month's diagnostics are one case with a cap; once a quarter a month
-- may go up to the quarter's cap instead. What is over is the patient's.
-- Out: cap_excess (ord, excess_mnt).

CREATE UNLOGGED TABLE diagnostics_line AS
SELECT
    c.ord, c.insured_no, c.facility_no, c.month, c.gross_mnt,
    min(c.ord) OVER of_month AS case_ord,
    sum(c.gross_mnt) OVER (of_month ORDER BY c.ord ROWS UNBOUNDED PRECEDING) AS so_far,
    t.month_mnt, t.quarter_mnt
FROM payable c
JOIN care_terms t USING (terms_no)
WHERE t.diagnostics_cap
WINDOW of_month AS (PARTITION BY c.insured_no, c.facility_no, c.month);

ANALYZE diagnostics_line;

INSERT INTO case_member SELECT ord, case_ord FROM diagnostics_line WHERE ord <> case_ord;

-- A quarter has three months: what is allowed in each follows from the ones before it, written out. A month's own
-- allowance: all of it if it keeps to the month's cap or may extend, else no more than the month's cap; the quarter's
-- cap less what was used bounds both. Both caps are those of the month's first claim.
CREATE UNLOGGED TABLE over_cap AS
WITH month AS (
    SELECT
        insured_no, facility_no, month,
        sum(gross_mnt) AS month_gross,
        max(month_mnt) FILTER (WHERE ord = case_ord) AS month_mnt,
        max(quarter_mnt) FILTER (WHERE ord = case_ord) AS quarter_mnt
    FROM diagnostics_line
    GROUP BY 1, 2, 3
),
quarter AS (
    SELECT
        insured_no, facility_no, month / 3 AS quarter,
        coalesce(max(month_gross) FILTER (WHERE month % 3 = 0), 0) AS gross_1,
        coalesce(max(month_gross) FILTER (WHERE month % 3 = 1), 0) AS gross_2,
        max(month_gross) FILTER (WHERE month % 3 = 2) AS gross_3,
        max(month_mnt) FILTER (WHERE month % 3 = 0) AS cap_1,
        max(month_mnt) FILTER (WHERE month % 3 = 1) AS cap_2,
        max(month_mnt) FILTER (WHERE month % 3 = 2) AS cap_3,
        max(quarter_mnt) FILTER (WHERE month % 3 = 0) AS quarter_cap_1,
        max(quarter_mnt) FILTER (WHERE month % 3 = 1) AS quarter_cap_2,
        max(quarter_mnt) FILTER (WHERE month % 3 = 2) AS quarter_cap_3
    FROM month
    GROUP BY 1, 2, 3
    -- Below every cap nothing is over.
    HAVING sum(month_gross) > least(min(month_mnt), min(quarter_mnt))
),
first_month AS (
    SELECT
        *,
        CASE WHEN quarter_cap_1 IS NULL THEN 0 ELSE greatest(least(gross_1, quarter_cap_1), 0) END AS allowed_1,
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
)
SELECT insured_no, facility_no, quarter * 3 AS month, allowed_1 AS allowed FROM third_month WHERE gross_1 > allowed_1
UNION ALL
SELECT insured_no, facility_no, quarter * 3 + 1, allowed_2 FROM third_month WHERE gross_2 > allowed_2
UNION ALL
SELECT insured_no, facility_no, quarter * 3 + 2, allowed_3 FROM third_month WHERE gross_3 > allowed_3;

ANALYZE over_cap;

-- Lines are filled by order.
CREATE UNLOGGED TABLE cap_excess AS
SELECT l.ord, least(l.gross_mnt, l.so_far - o.allowed)::bigint AS excess_mnt
FROM diagnostics_line l
JOIN over_cap o USING (insured_no, facility_no, month)
WHERE l.so_far > o.allowed AND l.gross_mnt > 0;

ANALYZE cap_excess;
