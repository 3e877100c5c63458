-- Pricing (rules §2.2–2.5).
-- In: raw_claim and the tables of 03. Out: price_list, priced (a row for each claim, its price and pricing flags).

-- Base rate by care type and class of facility: the most specific row, level before ownership. Class 0, no facility
-- row in force, has neither and fits `*` alone.
CREATE UNLOGGED TABLE rate_class AS
SELECT DISTINCT rate_class, level, ownership FROM facility_period
UNION ALL SELECT 0, NULL, NULL;

CREATE UNLOGGED TABLE base_terms AS
SELECT DISTINCT ON (t.terms_no, r.rate_class)
    t.terms_no, r.rate_class, b.base_mnt::bigint AS base_mnt, b.valid_from::date AS valid_from
FROM care_terms t
CROSS JOIN rate_class r
JOIN book_base_rates b
    ON b.care_type = t.care_type AND in_force(t.first_day, b.valid_from, b.valid_to)
    AND (b.level = '*' OR b.level = r.level::text)
    AND (b.ownership = '*' OR b.ownership = r.ownership)
ORDER BY t.terms_no, r.rate_class, b.level = '*', b.ownership = '*';

-- half_up(base · weight, 10 000) without a product that could leave 64 bits: whole ten-thousands of the base first.
CREATE UNLOGGED TABLE price_list AS
WITH priced_drg AS (
    SELECT
        t.terms_no, d.drg_no, b.weight_e4::bigint AS weight_e4, b.total_mnt::bigint AS total_mnt,
        b.valid_from::date AS valid_from
    FROM book_drgs b
    JOIN drg d USING (drg_code)
    JOIN care_terms t ON t.care_type = b.care_type AND in_force(t.first_day, b.valid_from, b.valid_to)
)
SELECT
    p.terms_no, p.drg_no, r.rate_class,
    CASE WHEN p.total_mnt IS NULL THEN p.weight_e4 END AS weight_e4,
    CASE WHEN p.total_mnt IS NULL THEN b.base_mnt END AS base_mnt,
    coalesce(
        p.total_mnt,
        b.base_mnt / 10000 * p.weight_e4 + (2 * (b.base_mnt % 10000 * p.weight_e4) + 10000) / 20000
    ) AS gross_mnt,
    CASE WHEN p.total_mnt IS NULL THEN greatest(p.valid_from, b.valid_from) ELSE p.valid_from END AS tariff_period
FROM priced_drg p
CROSS JOIN rate_class r
LEFT JOIN base_terms b ON b.terms_no = p.terms_no AND b.rate_class = r.rate_class
WHERE p.total_mnt IS NOT NULL OR b.base_mnt IS NOT NULL;

CREATE UNLOGGED TABLE exempt_category AS
SELECT DISTINCT t.terms_no, x.value AS exemption
FROM book_exemptions x
JOIN care_terms t ON in_force(t.first_day, x.valid_from, x.valid_to)
WHERE x.kind = 'category';

ANALYZE price_list, exempt_category;

CREATE UNLOGGED TABLE priced AS
WITH grouped AS (
    SELECT
        c.row_no, c.claim_id, c.insured_id, c.facility_no, c.facility_period_no, c.rate_class, c.terms_no, c.care_no,
        c.stay, c.start_at, c.end_at, c.month, c.pricing_day, c.quantity, c.billed_mnt, c.covered, c.dead, c.positive,
        c.ordered, c.ignored_value, c.claimed_drg,
        g.icd10_no,
        g.copay_exempt OR e.terms_no IS NOT NULL AS copay_exempt,
        s.service_no,
        c.service_code <> '' AS has_service,
        s.by_item,
        s.item_found,
        s.unit_mnt,
        s.valid_from AS item_valid_from,
        CASE WHEN NOT s.by_item THEN coalesce(u.drg_no, x.drg_no, g.standard_drg_no) END AS drg_no
    FROM raw_claim c
    JOIN diagnosis g ON g.terms_no = c.terms_no AND g.raw_icd10 = c.icd10
    JOIN service s ON s.terms_no = c.terms_no AND s.service_code = c.service_code
    LEFT JOIN listed u ON u.terms_no = g.terms_no AND u.icd10_no = g.icd10_no AND u.drg_code = c.claimed_drg
    LEFT JOIN conditional_choice x ON x.row_no = c.row_no
    LEFT JOIN exempt_category e ON e.terms_no = c.terms_no AND e.exemption = c.exemption
),
amount AS (
    SELECT
        c.*,
        p.weight_e4,
        p.base_mnt,
        coalesce(c.claimed_drg <> d.drg_code, false) AS drg_corrected,
        CASE
            WHEN NOT c.by_item THEN p.gross_mnt
            WHEN NOT c.item_found THEN NULL
            WHEN c.unit_mnt IS NULL THEN c.billed_mnt
            ELSE c.unit_mnt * c.quantity
        END AS price_mnt,
        CASE WHEN c.by_item THEN c.item_valid_from ELSE p.tariff_period END AS price_valid_from,
        CASE
            WHEN c.by_item AND NOT c.item_found THEN 'NO_TARIFF'
            WHEN c.by_item AND c.unit_mnt IS NULL AND c.billed_mnt IS NULL THEN 'NO_PRICE'
            WHEN NOT c.by_item AND c.drg_no IS NULL THEN 'NO_DRG'
            WHEN NOT c.by_item AND p.drg_no IS NULL THEN 'NO_TARIFF'
        END AS price_reason
    FROM grouped c
    LEFT JOIN drg d ON d.drg_no = c.drg_no
    LEFT JOIN price_list p ON p.terms_no = c.terms_no AND p.drg_no = c.drg_no AND p.rate_class = c.rate_class
)
SELECT
    row_no, claim_id, insured_id, facility_no, facility_period_no, rate_class, terms_no, care_no, stay,
    start_at, end_at, month, pricing_day, quantity, billed_mnt, covered, dead, positive, ordered, ignored_value,
    icd10_no, copay_exempt, service_no, has_service, by_item, drg_no, weight_e4, base_mnt, drg_corrected, price_reason,
    coalesce(price_mnt, 0) AS gross_mnt,
    CASE WHEN price_reason IS NULL THEN price_valid_from END AS tariff_period,
    billed_mnt - price_mnt AS billing_difference_mnt
FROM amount;

ANALYZE priced;
