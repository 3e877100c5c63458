-- BUNDLED_IN_STAY (3.2.4, 3.2.6, 3.4.3; §3, phase 7): what is done within a case of another care type, in the same
-- facility, is in that case's price. Two passes, each judging all its claims at once.

-- Whether a claim's start falls within a case, by the judged claim's own reading of the bounds.
CREATE MACRO starts_within(boundary, at_time, first_start, latest_end) AS CASE boundary
    WHEN 'days' THEN CAST(at_time AS DATE) BETWEEN CAST(first_start AS DATE) AND CAST(latest_end AS DATE)
    WHEN 'inner_days' THEN CAST(at_time AS DATE) > CAST(first_start AS DATE)
        AND CAST(at_time AS DATE) < CAST(latest_end AS DATE)
    ELSE at_time >= first_start AND at_time < latest_end
END;

CREATE MACRO judged_by_bundling() AS TABLE
SELECT c.ord, c.insured_no, c.facility_no, c.start_at, t.bundle_boundary, b.container_care_no AS care_no
FROM payable c
JOIN care_terms t USING (terms_no)
JOIN bundle_pair b USING (terms_no)
WHERE NOT (t.bundle_exempt_long AND c.end_at > c.start_at + INTERVAL 24 HOUR);

-- First within the chains of stay care types …
INSERT INTO settled
SELECT j.ord, 'denied', 'BUNDLED_IN_STAY', arg_min(s.paid_ord, (s.first_start, s.paid_ord))
FROM judged_by_bundling() j
JOIN (
    SELECT s.* FROM stay_case s
    JOIN care_terms t USING (terms_no)
    ANTI JOIN settled d ON d.ord = s.paid_ord
    WHERE t.bundled
) s USING (insured_no, facility_no, care_no)
WHERE starts_within(j.bundle_boundary, j.start_at, s.first_start, s.latest_end)
GROUP BY j.ord;

-- … then within other claims that are still payable.
INSERT INTO settled
SELECT j.ord, 'denied', 'BUNDLED_IN_STAY', arg_min(c.ord, (c.start_at, c.ord))
FROM judged_by_bundling() j
JOIN (
    SELECT c.* FROM payable c
    JOIN care_terms t USING (terms_no)
    SEMI JOIN bundle_pair b ON b.container_care_no = c.care_no
    WHERE t.bundled AND NOT c.stay
) c USING (insured_no, facility_no, care_no)
WHERE starts_within(j.bundle_boundary, j.start_at, c.start_at, c.end_at)
GROUP BY j.ord;
