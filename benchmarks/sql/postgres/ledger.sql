-- The ledger: a row for each claim that was judged or voided, its money and reasons.
-- In: split and what the phases left. Out: outcome, reason_list, and the view ledger in input order.

CREATE UNLOGGED TABLE outcome AS
SELECT
    m.row_no, m.claim_id, m.insured_id, m.facility_no, m.care_no, m.start_at, m.end_at,
    CASE
        WHEN m.denied_for IS NOT NULL THEN 'denied'
        WHEN m.settled_as IS NOT NULL THEN m.settled_as
        WHEN m.cap_excess_mnt + coalesce(y.excess_mnt, 0) > 0 THEN 'reduced'
        ELSE 'paid'
    END AS decision,
    m.drg_code, m.weight_e4, m.base_mnt, m.gross_mnt,
    m.payable_mnt - m.copay_mnt - coalesce(y.excess_mnt, 0) AS fund_mnt,
    m.copay_mnt,
    m.cap_excess_mnt + coalesce(y.excess_mnt, 0) AS excess_mnt,
    CASE WHEN m.payable THEN 0 ELSE m.gross_mnt END AS deducted_mnt,
    m.billing_difference_mnt,
    m.tariff_period,
    -- What the reasons are made of: many claims share few combinations. 0: nothing to say of the bill.
    coalesce(m.denied_for, m.settled_for, CASE WHEN m.cap_excess_mnt > 0 THEN 'OVER_CAP' END, '') AS decided_by,
    y.ord IS NOT NULL AS over_year_limit,
    m.drg_corrected,
    m.ignored_value,
    CASE WHEN m.billing_difference_mnt > 0 THEN 1 WHEN m.billing_difference_mnt < 0 THEN -1 ELSE 0 END AS billed,
    coalesce(f.overlapping_stay, false) AS overlapping_stay,
    coalesce(f.visit_too_short, false) AS visit_too_short,
    coalesce(f.suspect_duplicate, false) AS suspect_duplicate,
    coalesce(f.paired_diagnosis_missing, false) AS paired_diagnosis_missing,
    -- A claim settled by a rule has that rule's evidence; a standing replacement has its target; else a suspicion.
    coalesce(related.claim_id, r.related_claim_id, suspect.claim_id) AS related_claim_id,
    coalesce(first_of_case.claim_id, m.claim_id) AS case_id
FROM split m
LEFT JOIN limit_excess y ON y.ord = m.ord
LEFT JOIN flag f ON f.ord = m.ord
LEFT JOIN replacement r ON r.row_no = m.row_no
LEFT JOIN claim related ON related.ord = m.related_ord
LEFT JOIN claim suspect ON suspect.ord = f.suspect_of
LEFT JOIN case_member cm ON cm.ord = m.ord
LEFT JOIN claim first_of_case ON first_of_case.ord = cm.case_ord;

CREATE UNLOGGED TABLE reason_list AS
SELECT
    *,
    array_remove(
        ARRAY[
            nullif(decided_by, ''),
            CASE WHEN over_year_limit THEN 'OVER_YEAR_LIMIT' END,
            CASE WHEN drg_corrected THEN 'DRG_CORRECTED' END,
            CASE WHEN ignored_value THEN 'IGNORED_VALUE' END,
            CASE billed WHEN 1 THEN 'BILLED_ABOVE_TARIFF' WHEN -1 THEN 'BILLED_BELOW_TARIFF' END,
            CASE WHEN overlapping_stay THEN 'OVERLAPPING_STAY' END,
            CASE WHEN visit_too_short THEN 'VISIT_TOO_SHORT' END,
            CASE WHEN suspect_duplicate THEN 'SUSPECT_DUPLICATE' END,
            CASE WHEN paired_diagnosis_missing THEN 'PAIRED_DIAGNOSIS_MISSING' END
        ],
        NULL
    ) AS reasons
FROM (
    SELECT DISTINCT
        decided_by, over_year_limit, drg_corrected, ignored_value, billed,
        overlapping_stay, visit_too_short, suspect_duplicate, paired_diagnosis_missing
    FROM outcome
);

ANALYZE outcome, reason_list;

CREATE VIEW ledger AS
SELECT
    o.claim_id, o.insured_id, f.facility_id, k.care_type, o.start_at, o.end_at,
    o.decision, o.drg_code, o.weight_e4, o.base_mnt, o.gross_mnt,
    o.fund_mnt, o.copay_mnt, o.excess_mnt, o.deducted_mnt, o.billing_difference_mnt,
    l.reasons, o.related_claim_id, o.case_id, run.tariff, o.tariff_period, o.row_no
FROM outcome o
CROSS JOIN run
JOIN facility f USING (facility_no)
JOIN care_type k USING (care_no)
JOIN reason_list l USING (
    decided_by, over_year_limit, drg_corrected, ignored_value, billed,
    overlapping_stay, visit_too_short, suspect_duplicate, paired_diagnosis_missing
)
UNION ALL
SELECT
    c.claim_id, c.insured_id, c.facility_id, c.care_type, c.start_at, c.end_at,
    'voided', NULL, NULL, NULL, 0, 0, 0, 0, 0, NULL,
    ARRAY[v.reason], v.related_claim_id, c.claim_id, run.tariff, NULL, c.row_no
FROM voided v
CROSS JOIN run
JOIN claims c ON c.row_no = v.row_no
ORDER BY row_no;
