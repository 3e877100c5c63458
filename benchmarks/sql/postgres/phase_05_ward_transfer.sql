-- WARD_TRANSFER (3.2.5; §3, phase 5): stays that touch are one case, paid at the destination.
-- Out: stay_case, one row for each case of a stay care type, a single stay included; case_member.

CREATE UNLOGGED TABLE case_member (ord integer, case_ord integer);

-- Gaps and islands: a stay that begins after the latest end so far (and its own gap) begins a new chain. Where the
-- rule is off, every stay does.
CREATE UNLOGGED TABLE stay AS
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
        count(*) FILTER (WHERE joins_chain IS NOT TRUE) OVER (
            PARTITION BY insured_no, facility_no, care_no, ward_transfer
            ORDER BY start_at, ord
            ROWS UNBOUNDED PRECEDING
        ) AS chain_no
    FROM seen
)
SELECT
    ord, insured_no, facility_no, care_no, terms_no,
    min(start_at) OVER chain AS first_start,
    max(end_at) OVER chain AS latest_end,
    min(ord) OVER chain AS case_ord,
    first_value(ord) OVER (chain ORDER BY end_at DESC, start_at DESC, ord DESC) AS paid_ord
FROM chained
WINDOW chain AS (PARTITION BY insured_no, facility_no, care_no, ward_transfer, chain_no);

CREATE UNLOGGED TABLE stay_case AS
SELECT insured_no, facility_no, care_no, terms_no, first_start, latest_end, case_ord, paid_ord
FROM stay
WHERE ord = paid_ord;

INSERT INTO case_member SELECT ord, case_ord FROM stay WHERE ord <> case_ord;

INSERT INTO settled
SELECT ord, 'merged', 'WARD_TRANSFER', paid_ord FROM stay WHERE ord <> paid_ord;

ANALYZE stay_case, settled;
