-- WARD_TRANSFER (3.2.5; §3, phase 5): stays that touch are one case, paid at the destination.
-- Out: stay_case, one row for each case of a stay care type, a single stay included; case_member.

CREATE TABLE case_member (ord INTEGER, case_ord INTEGER);

CREATE TABLE stay_case AS
-- Gaps and islands: a stay that begins after the latest end so far (and its own gap) begins a new chain. Where the
-- rule is off, every stay does.
WITH seen AS (
    SELECT
        c.ord, c.insured_no, c.facility_no, c.care_no, c.terms_no, c.start_at, c.end_at, t.ward_transfer,
        t.ward_transfer AND c.start_at <= t.ward_gap + max(c.end_at) OVER (
            PARTITION BY c.insured_no, c.facility_no, c.care_no, t.ward_transfer
            ORDER BY c.start_at, c.ord
            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ) AS joins_chain
    FROM payable c
    JOIN care_terms t USING (terms_no)
    WHERE c.stay
),
chained AS (
    SELECT
        *,
        count(*) FILTER (joins_chain IS NOT TRUE) OVER (
            PARTITION BY insured_no, facility_no, care_no, ward_transfer
            ORDER BY start_at, ord
            ROWS UNBOUNDED PRECEDING
        ) AS chain_no
    FROM seen
)
SELECT
    insured_no, facility_no, care_no,
    min(start_at) AS first_start,
    max(end_at) AS latest_end,
    min(ord) AS case_ord,
    max((end_at, start_at, ord, terms_no)) AS destination,
    destination[3] AS paid_ord,
    destination[4] AS terms_no,
    list(ord) AS members
FROM chained
GROUP BY insured_no, facility_no, care_no, ward_transfer, chain_no;

INSERT INTO case_member
SELECT unnest(members), case_ord FROM stay_case WHERE len(members) > 1;

INSERT INTO settled
SELECT ord, 'merged', 'WARD_TRANSFER', paid_ord
FROM (SELECT unnest(members) AS ord, paid_ord FROM stay_case WHERE len(members) > 1)
WHERE ord <> paid_ord;
