-- The ledger: a row for each claim that was judged or voided, its money and reasons.
-- In: split and what the phases left. Out: the view ledger, in input order.

-- The evidence and the case by claim_id. A claim settled by a rule has that rule's evidence; a standing replacement
-- has its target; else a suspicion.
CREATE UNLOGGED TABLE evidence AS
SELECT s.ord, related.claim_id AS related_claim_id
FROM (
    SELECT ord, related_ord FROM settled WHERE related_ord IS NOT NULL
    UNION ALL
    SELECT f.ord, f.suspect_of
    FROM flag f
    JOIN claim c ON c.ord = f.ord
    WHERE f.suspect_of IS NOT NULL AND NOT EXISTS (SELECT FROM replacement r WHERE r.row_no = c.row_no)
) s
JOIN claim related ON related.ord = s.related_ord;

CREATE UNLOGGED TABLE of_case AS
SELECT m.ord, c.claim_id AS case_id
FROM case_member m
JOIN claim c ON c.ord = m.case_ord;

-- Every combination of reasons a claim can have, as the list that the ledger shows: the deciding one, then the remarks
-- in their order. A list is looked up, not built, for each claim.
CREATE UNLOGGED TABLE reason_list AS
SELECT
    decided_by,
    remarks,
    array_remove(ARRAY[nullif(decided_by, 'NONE')::text], NULL)
        || ARRAY(SELECT name FROM unnest(remarks()) AS name WHERE remarks & remark(name) > 0) AS reasons
FROM unnest(enum_range(NULL::deciding_reason)) AS decided_by
CROSS JOIN generate_series(0, 511) AS remarks;

ANALYZE evidence, of_case, reason_list;

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
    coalesce(m.denied_for, m.settled_for, CASE WHEN m.cap_excess_mnt > 0 THEN 'OVER_CAP' ELSE 'NONE' END::deciding_reason)
        AS decided_by,
    CASE WHEN y.ord IS NOT NULL THEN remark('OVER_YEAR_LIMIT') ELSE 0 END
        + CASE WHEN m.drg_corrected THEN remark('DRG_CORRECTED') ELSE 0 END
        + CASE WHEN m.ignored_value THEN remark('IGNORED_VALUE') ELSE 0 END
        + CASE
            WHEN m.billing_difference_mnt > 0 THEN remark('BILLED_ABOVE_TARIFF')
            WHEN m.billing_difference_mnt < 0 THEN remark('BILLED_BELOW_TARIFF')
            ELSE 0
        END
        + coalesce(f.flags, 0) AS remarks
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
JOIN reason_list l USING (decided_by, remarks)
LEFT JOIN drg d USING (drg_no)
LEFT JOIN evidence e USING (ord)
LEFT JOIN replacement r USING (row_no)
LEFT JOIN of_case n USING (ord)
UNION ALL
SELECT
    c.claim_id, c.insured_id, c.facility_id, c.care_type, c.start_at, c.end_at,
    'voided', NULL, NULL, NULL, 0, 0, 0, 0, 0, NULL,
    ARRAY[v.reason], v.related_claim_id, c.claim_id, run.tariff, NULL, c.row_no
FROM voided v
CROSS JOIN run
JOIN claims c ON c.row_no = v.row_no
ORDER BY row_no;
