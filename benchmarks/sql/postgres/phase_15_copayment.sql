-- Copayment (3.2.3; §3, phase 15) on what the fund values: the most specific row of copay.csv, service code before
-- DRG before level; nothing for the exempt, unless the row keeps its copay.
-- Out: copay_terms, for each (terms, level, DRG, service) that occurs; split, the view of every claim with its money
-- before the year's limit.

CREATE UNLOGGED TABLE copay_terms AS
WITH combination AS (
    SELECT DISTINCT terms_no, rate_class, level, drg_no, service_no FROM claim WHERE denied_for IS NULL
)
SELECT DISTINCT ON (k.terms_no, k.rate_class, k.drg_no, k.service_no)
    k.terms_no, k.rate_class, coalesce(k.drg_no, 0) AS drg_no, k.service_no,
    b.rate_bp::bigint AS rate_bp, b.fixed_mnt::bigint AS fixed_mnt, yes(b.keeps_copay) AS keeps_copay
FROM combination k
JOIN care_terms t USING (terms_no)
JOIN service_code s USING (service_no)
LEFT JOIN drg d ON d.drg_no = k.drg_no
JOIN book_copay b
    ON b.care_type = t.care_type AND in_force(t.first_day, b.valid_from, b.valid_to)
    AND (b.service_code = '*' OR b.service_code = s.service_code)
    AND (b.drg_code = '*' OR b.drg_code = d.drg_code)
    AND (b.level = '*' OR b.level = k.level::text)
ORDER BY k.terms_no, k.rate_class, k.drg_no, k.service_no, b.service_code = '*', b.drg_code = '*', b.level = '*';

ANALYZE copay_terms, settled;

-- half_up(payable · rate, 10 000), whole ten-thousands first: no product leaves 64 bits.
CREATE FUNCTION share_of(amount bigint, rate_bp bigint) RETURNS bigint IMMUTABLE PARALLEL SAFE
RETURN amount / 10000 * rate_bp + (2 * (amount % 10000 * rate_bp) + 10000) / 20000;

CREATE VIEW split AS
WITH amount AS (
    SELECT
        c.*,
        s.decision AS settled_as,
        s.reason AS settled_for,
        s.related_ord,
        c.denied_for IS NULL AND s.ord IS NULL AS payable,
        coalesce(e.excess_mnt, 0) AS cap_excess_mnt,
        CASE WHEN c.denied_for IS NULL AND s.ord IS NULL THEN c.gross_mnt - coalesce(e.excess_mnt, 0) ELSE 0 END
            AS payable_mnt,
        CASE
            WHEN c.copay_exempt AND NOT coalesce(k.keeps_copay, false) THEN 0
            ELSE coalesce(v.rate_bp, k.rate_bp)
        END AS rate_bp,
        k.fixed_mnt
    FROM claim c
    LEFT JOIN settled s ON s.ord = c.ord
    LEFT JOIN cap_excess e ON e.ord = c.ord
    LEFT JOIN visit_rate v ON v.ord = c.ord
    LEFT JOIN copay_terms k
        ON k.terms_no = c.terms_no AND k.rate_class = c.rate_class
        AND k.drg_no = coalesce(c.drg_no, 0) AND k.service_no = c.service_no
)
SELECT
    *,
    CASE
        WHEN rate_bp IS NOT NULL THEN share_of(payable_mnt, rate_bp)
        ELSE least(coalesce(fixed_mnt, 0), payable_mnt)
    END AS copay_mnt
FROM amount;
