-- From strings to the small integers that the rules compare: care type, epoch, facility period, diagnosis, service.
-- In: claims, facilities, insured, voided, replacement. Out: standing, one row for each claim that is not voided,
-- and the numbered facility_period, diagnosis and service.

CREATE TABLE facility_period AS
WITH class AS (
    SELECT level, ownership, CAST(row_number() OVER (ORDER BY level, ownership) AS INTEGER) AS rate_class
    FROM (SELECT DISTINCT level, ownership FROM facilities)
)
SELECT
    CAST(row_number() OVER () AS INTEGER) AS facility_period_no,
    CAST(dense_rank() OVER (ORDER BY f.facility_id) AS INTEGER) AS facility_no,
    class.rate_class,
    f.*
FROM facilities f
JOIN class ON class.level IS NOT DISTINCT FROM f.level AND class.ownership IS NOT DISTINCT FROM f.ownership;

CREATE TABLE facility AS
SELECT DISTINCT facility_id, facility_no FROM facility_period;

CREATE VIEW insured_period AS
SELECT
    insured_id,
    coalesce(covered_from, DATE '0001-01-01') AS covered_from,
    coalesce(covered_to, DATE '9999-12-31') AS covered_to,
    death_date,
    CASE WHEN sex IN ('m', 'f') THEN sex END AS sex,
    birth_date,
    exemption
FROM insured;

CREATE TABLE raw_claim AS
SELECT
    c.row_no,
    c.claim_id,
    c.insured_id,
    f.facility_no,
    p.facility_period_no,
    coalesce(p.rate_class, 0) AS rate_class,
    d.epoch * 1000 + k.care_no AS terms_no,
    k.care_no,
    k.stay,
    CAST(c.start_at AS TIMESTAMP) AS start_at,
    CAST(c.end_at AS TIMESTAMP) AS end_at,
    month_of(c.start_at) AS month,
    coalesce(r.presented_at, CAST(coalesce(c.submitted_at, c.end_at) AS TIMESTAMP)) AS presented_at,
    d.day AS pricing_day,
    c.icd10,
    c.drg_code AS claimed_drg,
    coalesce(c.service_code, '') AS service_code,
    c.department_id,
    c.specialty,
    c.site,
    coalesce(c.quantity, 1) AS quantity,
    c.billed_mnt,
    coalesce(c.sex, i.sex) AS sex,
    coalesce(c.birth_date, i.birth_date) AS birth_date,
    coalesce(c.exemption, i.exemption) AS exemption,
    i.insured_id IS NOT NULL AS covered,
    coalesce(CAST(c.start_at AS DATE) > i.death_date, false) AS dead,
    c.test_result IS NOT DISTINCT FROM 'positive' AS positive,
    c.order_no IS NOT NULL AS ordered,
    coalesce(c.ignored_value, false) AS ignored_value
FROM claims c
ANTI JOIN voided v ON v.row_no = c.row_no
JOIN care_type k ON k.care_type = c.care_type
JOIN calendar d ON d.day = CAST(CASE WHEN k.stay THEN c.end_at ELSE c.start_at END AS DATE)
JOIN facility f ON f.facility_id = c.facility_id
LEFT JOIN facility_period p
    ON p.facility_id = c.facility_id
    AND coalesce(p.valid_from, DATE '0001-01-01') <= d.day AND coalesce(p.valid_to, DATE '9999-12-31') >= d.day
LEFT JOIN insured_period i
    ON i.insured_id = c.insured_id AND CAST(c.start_at AS DATE) BETWEEN i.covered_from AND i.covered_to
LEFT JOIN replacement r ON r.row_no = c.row_no;

-- The row of `insured` in force on the start day has filled sex, birth date and exemption; where none is, the latest
-- does. Few claims are not covered, so only their people's latest rows are looked for.
CREATE TABLE insured_latest AS
SELECT i.insured_id, i.sex, i.birth_date, i.exemption
FROM insured_period i
SEMI JOIN (FROM raw_claim WHERE NOT covered) c ON c.insured_id = i.insured_id
QUALIFY row_number() OVER (PARTITION BY i.insured_id ORDER BY i.covered_from DESC) = 1;

UPDATE raw_claim c
SET
    sex = coalesce(c.sex, l.sex),
    birth_date = coalesce(c.birth_date, l.birth_date),
    exemption = coalesce(c.exemption, l.exemption)
FROM insured_latest l
WHERE l.insured_id = c.insured_id AND NOT c.covered;
