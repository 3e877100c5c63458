-- YEAR_LIMIT (§3, phase 16): the fund's part for one person in a year, filled by order up to the limit.
-- Out: limit_excess (ord, excess_mnt).

CREATE TABLE limit_excess AS
WITH spent AS (
    SELECT
        s.ord,
        s.payable_mnt - s.copay_mnt AS fund_mnt,
        sum(s.payable_mnt - s.copay_mnt) OVER of_year AS so_far,
        first_value(t.limit_mnt) OVER of_year AS limit_mnt
    FROM split s
    JOIN care_terms t USING (terms_no)
    WHERE t.year_limit AND s.payable
    WINDOW of_year AS (PARTITION BY s.insured_no, s.month // 12 ORDER BY s.ord ROWS UNBOUNDED PRECEDING)
)
SELECT ord, CAST(least(fund_mnt, so_far - limit_mnt) AS BIGINT) AS excess_mnt
FROM spent
WHERE so_far > limit_mnt AND fund_mnt > 0;
