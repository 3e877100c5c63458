-- The order of each person's claims (rules §1), and the rules that look at one claim alone: ELIGIBILITY, COVERAGE,
-- ORDER_REQUIRED (§3, phases 1–3).
-- In: priced. Out: claim, with ord (who presents first has the smaller; one numbering for all, so that later rules
-- compare integers), insured_no, and denied_for; settled, empty; payable, what the phases so far have left.

-- The reason that decides a claim, in phase order. What may be said besides is a sum of bits, in the ledger's order.
CREATE TYPE deciding_reason AS ENUM (
    'NO_DRG', 'NO_TARIFF', 'NO_PRICE', 'NOT_ELIGIBLE', 'NOT_COVERED', 'AFTER_DEATH', 'ORDER_MISSING',
    'EXACT_DUPLICATE', 'WARD_TRANSFER', 'STAY_TOO_SHORT', 'BUNDLED_IN_STAY', 'REPEAT_VISIT', 'POSITIVE_ALREADY',
    'REPEAT_TEST', 'REHAB_SESSIONS', 'TOO_FEW_SESSIONS', 'ONCE_A_YEAR', 'OVER_CAP', 'NONE'
);
CREATE FUNCTION remarks() RETURNS text[] IMMUTABLE PARALLEL SAFE
RETURN ARRAY[
    'OVER_YEAR_LIMIT', 'DRG_CORRECTED', 'IGNORED_VALUE', 'BILLED_ABOVE_TARIFF', 'BILLED_BELOW_TARIFF',
    'OVERLAPPING_STAY', 'VISIT_TOO_SHORT', 'SUSPECT_DUPLICATE', 'PAIRED_DIAGNOSIS_MISSING'
];
CREATE FUNCTION remark(name text) RETURNS integer IMMUTABLE PARALLEL SAFE
RETURN 1 << (array_position(remarks(), name) - 1);

CREATE FUNCTION midnight(at_time timestamp) RETURNS boolean IMMUTABLE PARALLEL SAFE
RETURN at_time = date_trunc('day', at_time);

CREATE UNLOGGED TABLE admission AS
WITH listing AS (
    SELECT t.terms_no, b.facility_type, b.ownership, yes(b.needs_contract) AS needs_contract
    FROM book_eligibility b
    JOIN care_terms t ON t.care_type = b.care_type AND in_force(t.first_day, b.valid_from, b.valid_to)
),
-- With no row at all in force, whoever is a facility may provide anything, without a contract for it.
unlisted_epoch AS (
    SELECT epoch FROM epoch
    WHERE NOT EXISTS (SELECT FROM book_eligibility b WHERE in_force(epoch.first_day, b.valid_from, b.valid_to))
)
SELECT t.terms_no, f.facility_period_no, f.contract_from, f.contract_to
FROM care_terms t
CROSS JOIN facility_period f
LEFT JOIN unlisted_epoch u ON u.epoch = t.epoch
LEFT JOIN listing e ON e.terms_no = t.terms_no AND e.facility_type = f.facility_type AND e.ownership = f.ownership
WHERE (u.epoch IS NOT NULL OR e.terms_no IS NOT NULL)
    AND CASE
        WHEN f.contracted_care_types IS NULL THEN NOT coalesce(e.needs_contract, false)
        ELSE coalesce(t.care_type = ANY (f.contracted_care_types), false)
    END;

CREATE UNLOGGED TABLE service_code AS SELECT DISTINCT service_no, service_code FROM service;

ANALYZE admission, service_code;

-- Only what makes the order is sorted; the numbers then join the rest.
CREATE UNLOGGED TABLE place AS
SELECT
    row_no,
    (row_number() OVER (ORDER BY insured_id, presented_at, start_at, claim_id))::integer AS ord,
    (dense_rank() OVER (ORDER BY insured_id))::integer AS insured_no
FROM raw_claim;

ANALYZE place;

CREATE UNLOGGED TABLE claim AS
SELECT
    place.ord, place.insured_no,
    p.row_no, p.claim_id, p.insured_id, p.facility_no, p.rate_class, p.terms_no, p.care_no, p.stay,
    p.start_at, p.end_at, p.month, p.quantity, p.billed_mnt, p.positive, p.ignored_value,
    p.icd10_no, p.copay_exempt, p.service_no, p.has_service, p.by_item, p.drg_no, p.weight_e4, p.base_mnt,
    p.gross_mnt, p.tariff_period, p.drg_corrected, p.billing_difference_mnt,
    f.level,
    CASE
        WHEN p.price_reason IS NOT NULL THEN p.price_reason
        WHEN p.facility_period_no IS NULL OR t.eligibility AND a.terms_no IS NULL THEN 'NOT_ELIGIBLE'
        WHEN t.coverage AND run.has_insured AND NOT p.covered THEN 'NOT_COVERED'
        WHEN t.coverage AND run.has_insured AND p.dead THEN 'AFTER_DEATH'
        WHEN t.order_required AND NOT p.ordered
            AND (t.order_required_of_all OR s.service_code = ANY (t.order_services)) THEN 'ORDER_MISSING'
    END::deciding_reason AS denied_for
FROM priced p
JOIN place ON place.row_no = p.row_no
CROSS JOIN run
JOIN care_terms t ON t.terms_no = p.terms_no
JOIN service_code s ON s.service_no = p.service_no
LEFT JOIN facility_period f ON f.facility_period_no = p.facility_period_no
LEFT JOIN admission a
    ON a.terms_no = p.terms_no AND a.facility_period_no = p.facility_period_no
    AND p.pricing_day BETWEEN a.contract_from AND a.contract_to;

ANALYZE claim;

CREATE UNLOGGED TABLE settled (ord integer, decision text, reason deciding_reason, related_ord integer);

CREATE VIEW payable AS
SELECT c.*
FROM claim c
WHERE c.denied_for IS NULL AND NOT EXISTS (SELECT FROM settled s WHERE s.ord = c.ord);
