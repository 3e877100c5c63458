-- The ledger: a row for each claim that was judged or voided, its money and reasons.
-- In: split and what the phases left. Out: the view ledger, in input order.

-- The evidence and the case by claim_id. A claim settled by a rule has that rule's evidence; a standing replacement
-- has its target; else a suspicion.
CREATE TABLE evidence AS
SELECT s.ord, related.claim_id AS related_claim_id
FROM (
    SELECT ord, related_ord FROM settled WHERE related_ord IS NOT NULL
    UNION ALL
    SELECT f.ord, f.suspect_of
    FROM flag f
    JOIN claim c ON c.ord = f.ord
    WHERE f.suspect_of IS NOT NULL AND c.row_no NOT IN (SELECT row_no FROM replacement)
) s
JOIN claim related ON related.ord = s.related_ord;

CREATE TABLE of_case AS
SELECT m.ord, c.claim_id AS case_id
FROM case_member m
JOIN claim c ON c.ord = m.case_ord
WHERE m.ord <> m.case_ord;

-- Every combination of reasons a claim can have, as the list that the ledger shows: the deciding one, then the remarks
-- in their order. A list is looked up, not built, for each claim.
CREATE TABLE reason_list AS
SELECT
    decided_by,
    CAST(remarks AS SMALLINT) AS remarks,
    list_concat(
        CASE WHEN decided_by = 'NONE' THEN [] ELSE [CAST(decided_by AS VARCHAR)] END,
        list_filter(remarks(), lambda name: remarks & remark(name) > 0)
    ) AS reasons
FROM (SELECT unnest(enum_range(NULL::deciding_reason)) AS decided_by)
CROSS JOIN range(512) AS r (remarks);

CREATE VIEW outcome AS
SELECT
    m.*,
    CASE
        WHEN m.denied_for IS NOT NULL THEN 'denied'
        WHEN m.settled_as IS NOT NULL THEN m.settled_as
        WHEN m.cap_excess_mnt + coalesce(y.excess_mnt, 0) > 0 THEN 'reduced'
        ELSE 'paid'
    END AS decision,
    m.payable_mnt - m.copay_mnt - coalesce(y.excess_mnt, 0) AS fund_mnt,
    m.cap_excess_mnt + coalesce(y.excess_mnt, 0) AS excess_mnt,
    CASE WHEN m.payable THEN 0 ELSE m.gross_mnt END AS deducted_mnt,
    CASE
        WHEN m.denied_for IS NOT NULL THEN m.denied_for
        WHEN m.settled_for IS NOT NULL THEN m.settled_for
        WHEN m.cap_excess_mnt > 0 THEN 'OVER_CAP'
        ELSE 'NONE'
    END::deciding_reason AS decided_by,
    CAST(
        CASE WHEN y.ord IS NOT NULL THEN remark('OVER_YEAR_LIMIT') ELSE 0 END
        + CASE WHEN m.drg_corrected THEN remark('DRG_CORRECTED') ELSE 0 END
        + CASE WHEN m.ignored_value THEN remark('IGNORED_VALUE') ELSE 0 END
        + CASE
            WHEN m.billing_difference_mnt > 0 THEN remark('BILLED_ABOVE_TARIFF')
            WHEN m.billing_difference_mnt < 0 THEN remark('BILLED_BELOW_TARIFF')
            ELSE 0
        END
        + coalesce(f.flags, 0)
    AS SMALLINT) AS remarks
FROM split m
LEFT JOIN limit_excess y ON y.ord = m.ord
LEFT JOIN flag f ON f.ord = m.ord;

CREATE VIEW ledger AS
SELECT
    o.claim_id, o.insured_id, f.facility_id, k.care_type, o.start_at, o.end_at,
    o.decision, d.drg_code, o.weight_e4, o.base_mnt, o.gross_mnt,
    o.fund_mnt, o.copay_mnt, o.excess_mnt, o.deducted_mnt, o.billing_difference_mnt,
    l.reasons,
    coalesce(e.related_claim_id, r.related_claim_id) AS related_claim_id,
    coalesce(n.case_id, o.claim_id) AS case_id,
    run.tariff, o.tariff_period, o.row_no
FROM outcome o
CROSS JOIN run
JOIN facility f USING (facility_no)
JOIN care_type k USING (care_no)
LEFT JOIN drg d USING (drg_no)
LEFT JOIN evidence e USING (ord)
LEFT JOIN replacement r USING (row_no)
LEFT JOIN of_case n USING (ord)
JOIN reason_list l USING (decided_by, remarks)
UNION ALL
SELECT
    c.claim_id, c.insured_id, c.facility_id, c.care_type, c.start_at, c.end_at,
    'voided', NULL, NULL, NULL, 0, 0, 0, 0, 0, NULL,
    [v.reason], v.related_claim_id, c.claim_id, run.tariff, NULL, c.row_no
FROM voided v
CROSS JOIN run
JOIN claims c ON c.row_no = v.row_no
ORDER BY row_no;
