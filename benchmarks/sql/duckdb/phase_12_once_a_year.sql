-- ONCE_A_YEAR (§3, phase 12): a care type that the fund pays once in a calendar year.

INSERT INTO settled
WITH claimed AS (
    SELECT
        c.ord, min(c.ord) OVER (PARTITION BY c.insured_no, c.care_no, c.month // 12) AS first_ord
    FROM payable c
    JOIN care_terms t USING (terms_no)
    WHERE t.once_a_year
)
SELECT ord, 'denied', 'ONCE_A_YEAR', first_ord
FROM claimed
WHERE ord > first_ord;
