-- From Arrow strings to what rules compare, as decode does it: ids hashed and tested for repeats, codes numbered,
-- diagnoses normalised and tested, dates as whole numbers, lists cleaned.
-- In: claims (Arrow, with row_no). Out: repeated_claim, normalised.

CREATE MACRO clinical_code(raw) AS
    translate(upper(raw), '. ' || chr(9) || chr(10) || chr(11) || chr(12) || chr(13) || chr(160), '');
CREATE MACRO seconds(at_time) AS epoch_us(CAST(at_time AS TIMESTAMP)) // 1000000;

-- An enumeration is DuckDB's dictionary of values: a cast numbers them.
CREATE TYPE facility_code AS ENUM (SELECT DISTINCT facility_id FROM claims WHERE facility_id IS NOT NULL);
CREATE TYPE department_code AS ENUM (SELECT DISTINCT department_id FROM claims WHERE department_id IS NOT NULL);
CREATE TYPE specialty_code AS ENUM (SELECT DISTINCT specialty FROM claims WHERE specialty IS NOT NULL);
CREATE TYPE care_type_code AS ENUM (SELECT DISTINCT care_type FROM claims WHERE care_type IS NOT NULL);
CREATE TYPE drg_number AS ENUM (SELECT DISTINCT drg_code FROM claims WHERE drg_code IS NOT NULL);
CREATE TYPE service_number AS ENUM (SELECT DISTINCT service_code FROM claims WHERE service_code IS NOT NULL);
CREATE TYPE site_code AS ENUM (SELECT DISTINCT site FROM claims WHERE site IS NOT NULL);
CREATE TYPE exemption_code AS ENUM (SELECT DISTINCT exemption FROM claims WHERE exemption IS NOT NULL);

CREATE TABLE repeated_claim AS
SELECT hash(claim_id) AS claim_hash FROM claims GROUP BY ALL HAVING count(*) > 1;

-- Claims share a few thousand ways of writing a diagnosis.
CREATE TABLE diagnosis AS
WITH seen AS (SELECT DISTINCT icd10 AS raw FROM claims WHERE icd10 IS NOT NULL),
code AS (SELECT raw, clinical_code(raw) AS icd10 FROM seen)
SELECT raw, icd10
FROM code
WHERE regexp_full_match(icd10, '[A-Z][0-9][0-9A-Z][0-9A-Z]{0,4}');

CREATE TABLE normalised AS
SELECT
    c.row_no,
    hash(c.claim_id) AS claim_hash,
    hash(c.insured_id) AS insured_hash,
    CASE WHEN c.replaces_claim_id IS NOT NULL THEN hash(c.replaces_claim_id) END AS replaces_hash,
    CASE c.message WHEN 'replacement' THEN 1 WHEN 'cancellation' THEN 2 ELSE 0 END::TINYINT AS message,
    CAST(c.facility_id AS facility_code) AS facility,
    CAST(c.department_id AS department_code) AS department,
    CAST(c.specialty AS specialty_code) AS specialty,
    CAST(c.care_type AS care_type_code) AS care_type,
    CAST(c.drg_code AS drg_number) AS claimed_drg,
    CAST(c.service_code AS service_number) AS service,
    CAST(c.site AS site_code) AS site,
    CAST(c.exemption AS exemption_code) AS exemption,
    d.icd10,
    list_filter(
        list_transform(c.icd10_secondary, lambda code: clinical_code(code)),
        lambda code: regexp_full_match(code, '[A-Z][0-9][0-9A-Z][0-9A-Z]{0,4}')
    ) AS secondary,
    list_sort(list_distinct(list_filter(
        list_transform(c.procedures, lambda code: clinical_code(code)),
        lambda code: regexp_full_match(code, '[0-9]{2,4}')
    ))) AS procedures,
    coalesce(c.quantity, 1) AS quantity,
    c.billed_mnt,
    seconds(c.start_at) AS start_s,
    seconds(c.end_at) AS end_s,
    seconds(c.submitted_at) AS submitted_s,
    CASE c.sex WHEN 'm' THEN 1 WHEN 'f' THEN 2 ELSE 0 END::TINYINT AS sex,
    CASE WHEN c.birth_date <= CAST(c.start_at AS DATE) THEN c.birth_date - DATE '1970-01-01' END::INTEGER AS birth_day,
    coalesce(c.test_result = 'positive', false) AS positive,
    c.order_no IS NOT NULL AS ordered
FROM claims c
LEFT JOIN diagnosis d ON d.raw = c.icd10;
