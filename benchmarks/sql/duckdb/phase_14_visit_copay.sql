-- VISIT_COPAY (§3, phase 14): the insured's nth outpatient visit of the year has its own copay rate.
-- Out: visit_rate (ord, rate_bp).

CREATE TABLE visit_rate AS
WITH visit AS (
    SELECT
        c.ord, t.visit_rates_bp AS rates_bp,
        row_number() OVER (PARTITION BY c.insured_no, c.month // 12 ORDER BY c.ord) AS nth
    FROM payable c
    JOIN care_terms t USING (terms_no)
    WHERE t.visit_copay
)
SELECT ord, rates_bp[least(nth, len(rates_bp))] AS rate_bp
FROM visit;
