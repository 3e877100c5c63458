-- From strings to the small integers that the rules compare: care type, epoch, month, facility period.
-- In: claims, facilities, insured, voided, replacement. Out: raw_claim, a row for each claim that is not voided, and
-- the numbered facility_period.

CREATE UNLOGGED TABLE facility_period AS
SELECT
    (row_number() OVER (ORDER BY facility_id))::integer AS facility_period_no,
    (dense_rank() OVER (ORDER BY facility_id))::integer AS facility_no,
    (dense_rank() OVER (ORDER BY level, ownership))::integer AS rate_class,
    facility_id, level, ownership, facility_type, contracted_care_types,
    coalesce(contract_from, DATE '-infinity') AS contract_from,
    coalesce(contract_to, DATE 'infinity') AS contract_to,
    coalesce(valid_from, DATE '-infinity') AS valid_from,
    coalesce(valid_to, DATE 'infinity') AS valid_to
FROM facilities;

CREATE UNLOGGED TABLE facility AS
SELECT DISTINCT facility_id, facility_no FROM facility_period;

CREATE VIEW insured_period AS
SELECT
    insured_id,
    coalesce(covered_from, DATE '-infinity') AS covered_from,
    coalesce(covered_to, DATE 'infinity') AS covered_to,
    death_date,
    CASE WHEN sex IN ('m', 'f') THEN sex END AS sex,
    birth_date,
    exemption
FROM insured;

ANALYZE facility_period, facility;

CREATE UNLOGGED TABLE raw_claim AS
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
    c.start_at,
    c.end_at,
    s.month,
    coalesce(r.presented_at, c.submitted_at, c.end_at) AS presented_at,
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
    coalesce(s.day > i.death_date, false) AS dead,
    c.test_result IS NOT DISTINCT FROM 'positive' AS positive,
    c.order_no IS NOT NULL AS ordered,
    coalesce(c.ignored_value, false) AS ignored_value
FROM claims c
JOIN care_type k ON k.care_type = c.care_type
JOIN calendar s ON s.day = c.start_at::date
JOIN calendar d ON d.day = CASE WHEN k.stay THEN c.end_at::date ELSE c.start_at::date END
JOIN facility f ON f.facility_id = c.facility_id
LEFT JOIN facility_period p ON p.facility_id = c.facility_id AND d.day BETWEEN p.valid_from AND p.valid_to
LEFT JOIN insured_period i ON i.insured_id = c.insured_id AND s.day BETWEEN i.covered_from AND i.covered_to
LEFT JOIN replacement r ON r.row_no = c.row_no
WHERE NOT EXISTS (SELECT FROM voided v WHERE v.row_no = c.row_no);

-- The row of `insured` in force on the start day has filled sex, birth date and exemption; where none is, the latest
-- does. Few claims are not covered, so only their people's latest rows are looked for.
CREATE UNLOGGED TABLE insured_latest AS
SELECT DISTINCT ON (insured_id) insured_id, sex, birth_date, exemption
FROM insured_period i
WHERE EXISTS (SELECT FROM raw_claim c WHERE c.insured_id = i.insured_id AND NOT c.covered)
ORDER BY insured_id, covered_from DESC;

ANALYZE insured_latest;

UPDATE raw_claim c
SET
    sex = coalesce(c.sex, l.sex),
    birth_date = coalesce(c.birth_date, l.birth_date),
    exemption = coalesce(c.exemption, l.exemption)
FROM insured_latest l
WHERE l.insured_id = c.insured_id AND NOT c.covered;

ANALYZE raw_claim;
