-- BUNDLED_IN_STAY (3.2.4, 3.2.6, 3.4.3; §3, phase 7): what is done within a case of another care type, in the same
-- facility, is in that case's price. Two passes, each judging all its claims at once.

-- Whether a claim's start falls within a case, by the judged claim's own reading of the bounds.
CREATE FUNCTION starts_within(boundary text, at_time timestamp, first_start timestamp, latest_end timestamp)
RETURNS boolean IMMUTABLE PARALLEL SAFE
RETURN CASE boundary
    WHEN 'days' THEN at_time::date BETWEEN first_start::date AND latest_end::date
    WHEN 'inner_days' THEN at_time::date > first_start::date AND at_time::date < latest_end::date
    ELSE at_time >= first_start AND at_time < latest_end
END;

CREATE VIEW judged_by_bundling AS
SELECT c.ord, c.insured_no, c.facility_no, c.start_at, t.bundle_boundary, b.container_care_no AS care_no
FROM payable c
JOIN care_terms t USING (terms_no)
JOIN bundle_pair b USING (terms_no)
WHERE NOT (t.bundle_exempt_long AND c.end_at > c.start_at + INTERVAL '24 hours');

-- First within the chains of stay care types …
CREATE UNLOGGED TABLE bundled_in_chain AS
SELECT DISTINCT ON (j.ord) j.ord, s.paid_ord
FROM judged_by_bundling j
JOIN stay_case s USING (insured_no, facility_no, care_no)
JOIN care_terms t ON t.terms_no = s.terms_no AND t.bundled
WHERE starts_within(j.bundle_boundary, j.start_at, s.first_start, s.latest_end)
    AND NOT EXISTS (SELECT FROM settled d WHERE d.ord = s.paid_ord)
ORDER BY j.ord, s.first_start, s.paid_ord;

INSERT INTO settled SELECT ord, 'denied', 'BUNDLED_IN_STAY', paid_ord FROM bundled_in_chain;

-- … then within other claims that are still payable.
CREATE UNLOGGED TABLE bundled_in_claim AS
WITH container AS (
    SELECT c.ord, c.insured_no, c.facility_no, c.care_no, c.start_at, c.end_at
    FROM payable c
    JOIN care_terms t USING (terms_no)
    WHERE t.bundled AND NOT c.stay AND c.care_no IN (SELECT container_care_no FROM bundle_pair)
)
SELECT DISTINCT ON (j.ord) j.ord, c.ord AS paid_ord
FROM judged_by_bundling j
JOIN container c USING (insured_no, facility_no, care_no)
WHERE starts_within(j.bundle_boundary, j.start_at, c.start_at, c.end_at)
ORDER BY j.ord, c.start_at, c.ord;

INSERT INTO settled SELECT ord, 'denied', 'BUNDLED_IN_STAY', paid_ord FROM bundled_in_claim;

ANALYZE settled;
