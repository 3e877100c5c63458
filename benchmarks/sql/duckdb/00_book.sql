-- The tariff book as typed rows, and what it says of each care type in each stretch of time.
-- In: book_<table>, the CSV cells as text. Out: epoch, calendar, care_terms, bundle_pair, positive_service and the
-- typed tables that grouping and pricing read.

CREATE MACRO yes(cell) AS coalesce(CAST(cell AS BOOLEAN), false);
CREATE MACRO names(cell) AS list_filter(
    list_transform(string_split(coalesce(cell, ''), '|'), lambda name: trim(name)), lambda name: name <> ''
);
CREATE MACRO clinical_code(raw) AS
    translate(upper(raw), '. ' || chr(9) || chr(10) || chr(11) || chr(12) || chr(13) || chr(160), '');

-- 29 February completes a year on 1 March of a common year: compare month and day. A birth after the day is unknown.
CREATE MACRO completed_years(birth, at_time) AS CASE WHEN birth <= CAST(at_time AS DATE) THEN
    (year(at_time) * 10000 + month(at_time) * 100 + day(at_time) - year(birth) * 10000 - month(birth) * 100 - day(birth))
    // 10000 END;

-- Months are counted from year 0: month // 3 is the quarter, month // 12 the year.
CREATE MACRO month_of(at_time) AS CAST(year(at_time) * 12 + month(at_time) - 1 AS INTEGER);
CREATE MACRO midnight(at_time) AS at_time = date_trunc('day', at_time);

-- The book is the same on every day between two of its dates: such a stretch is an epoch, and whatever is looked up
-- "on the pricing date" is looked up once an epoch instead of once a claim.
CREATE TABLE epoch AS
WITH period AS (
    SELECT valid_from, valid_to FROM book_care_types
    UNION ALL SELECT valid_from, valid_to FROM book_base_rates
    UNION ALL SELECT valid_from, valid_to FROM book_drgs
    UNION ALL SELECT valid_from, valid_to FROM book_drg_map
    UNION ALL SELECT valid_from, valid_to FROM book_items
    UNION ALL SELECT valid_from, valid_to FROM book_copay
    UNION ALL SELECT valid_from, valid_to FROM book_exemptions
    UNION ALL SELECT valid_from, valid_to FROM book_eligibility
    UNION ALL SELECT valid_from, valid_to FROM book_rules
),
cut AS (
    SELECT DATE '1990-01-01' AS day
    UNION SELECT CAST(valid_from AS DATE) FROM period WHERE valid_from IS NOT NULL
    UNION SELECT CAST(valid_to AS DATE) + 1 FROM period WHERE valid_to IS NOT NULL
)
SELECT
    CAST(row_number() OVER (ORDER BY day) AS INTEGER) AS epoch,
    day AS first_day,
    lead(day, 1, DATE '2101-01-01') OVER (ORDER BY day) - 1 AS last_day
FROM cut
WHERE day BETWEEN DATE '1990-01-01' AND DATE '2100-12-31';

CREATE TABLE calendar AS
SELECT CAST(unnest(generate_series(first_day, last_day, INTERVAL 1 DAY)) AS DATE) AS day, epoch
FROM epoch;

CREATE MACRO in_force(on_day, first_day, last_day) AS
    coalesce(CAST(first_day AS DATE) <= on_day, true) AND coalesce(CAST(last_day AS DATE) >= on_day, true);

-- A care type is a stay for its whole life, so the pricing date can be known before the epoch is.
CREATE TABLE care_type AS
SELECT
    CAST(row_number() OVER (ORDER BY care_type) AS INTEGER) AS care_no,
    care_type,
    bool_or(yes(stay)) AS stay
FROM book_care_types
GROUP BY care_type;

-- Rule parameters (rules.csv) in force, one row an epoch.
CREATE TABLE rule_terms AS
WITH setting AS (
    SELECT epoch, map_from_entries(list((rule || '.' || parameter, value))) AS p
    FROM epoch JOIN book_rules ON in_force(first_day, valid_from, valid_to)
    GROUP BY epoch
)
SELECT
    epoch,
    yes(p['ELIGIBILITY.enabled']) AS eligibility,
    yes(p['COVERAGE.enabled']) AS coverage,
    names(p['COVERAGE.exempt_care_types']) AS coverage_exempt,
    yes(p['ORDER_REQUIRED.enabled']) AS order_required,
    names(p['ORDER_REQUIRED.care_types']) AS order_care_types,
    names(p['ORDER_REQUIRED.service_codes']) AS order_services,
    yes(p['EXACT_DUPLICATE.enabled']) AS exact_duplicate,
    yes(p['WARD_TRANSFER.enabled']) AS ward_transfer,
    to_hours(CAST(p['WARD_TRANSFER.gap_hours'] AS BIGINT)) AS ward_gap,
    yes(p['MINIMUM_STAY.enabled']) AS minimum_stay,
    to_hours(CAST(p['MINIMUM_STAY.hours'] AS BIGINT)) AS minimum_length,
    yes(p['BUNDLED_IN_STAY.enabled']) AS bundled,
    p['BUNDLED_IN_STAY.boundary'] AS bundle_boundary,
    names(p['BUNDLED_IN_STAY.exempt_long']) AS bundle_exempt_long,
    yes(p['REPEAT_VISIT.enabled']) AS repeat_visit,
    names(p['REPEAT_VISIT.care_types']) AS repeat_visit_care_types,
    p['REPEAT_VISIT.same_cabinet'] AS same_cabinet,
    CAST(p['REPEAT_VISIT.icd10_chars'] AS INTEGER) AS icd10_chars,
    yes(p['POSITIVE_ALREADY.enabled']) AS positive_already,
    names(p['POSITIVE_ALREADY.service_codes']) AS positive_services,
    yes(p['REPEAT_TEST.enabled']) AS repeat_test,
    names(p['REPEAT_TEST.care_types']) AS repeat_test_care_types,
    yes(p['REHAB_SESSIONS.enabled']) AS rehab_sessions,
    CAST(p['REHAB_SESSIONS.sessions'] AS BIGINT) AS sessions,
    yes(p['ONCE_A_YEAR.enabled']) AS once_a_year,
    names(p['ONCE_A_YEAR.care_types']) AS once_a_year_care_types,
    yes(p['DIAGNOSTICS_CAP.enabled']) AS diagnostics_cap,
    CAST(p['DIAGNOSTICS_CAP.month_mnt'] AS BIGINT) AS month_mnt,
    CAST(p['DIAGNOSTICS_CAP.quarter_mnt'] AS BIGINT) AS quarter_mnt,
    yes(p['VISIT_COPAY.enabled']) AS visit_copay,
    list_transform(string_split(p['VISIT_COPAY.rates_bp'], '|'), lambda rate: CAST(rate AS BIGINT)) AS visit_rates_bp,
    yes(p['YEAR_LIMIT.enabled']) AS year_limit,
    CAST(p['YEAR_LIMIT.limit_mnt'] AS BIGINT) AS limit_mnt,
    yes(p['OVERLAPPING_STAY.enabled']) AS overlapping_stay,
    yes(p['VISIT_TOO_SHORT.enabled']) AS visit_too_short,
    to_minutes(CAST(p['VISIT_TOO_SHORT.minutes'] AS BIGINT)) AS shortest_visit,
    yes(p['SUSPECT_DUPLICATE.enabled']) AS suspect_duplicate,
    yes(p['PAIRED_DIAGNOSIS_MISSING.enabled']) AS paired_diagnosis,
    names(p['PAIRED_DIAGNOSIS_MISSING.care_types']) AS paired_diagnosis_care_types
FROM epoch LEFT JOIN setting USING (epoch);

-- What holds for a care type in an epoch: "is the rule on for this claim, and does the claim belong to it" is one
-- lookup by terms_no. Amounts and modes stay beside, for the first claim of a group to bring its own.
CREATE TABLE care_terms AS
SELECT
    epoch * 1000 + care_no AS terms_no,
    epoch,
    first_day,
    k.care_type,
    c.priced_by = 'item' AS priced_by_item,
    eligibility,
    coverage AND NOT list_contains(coverage_exempt, k.care_type) AS coverage,
    order_required,
    list_contains(order_care_types, k.care_type) AS order_required_of_all,
    order_services,
    exact_duplicate,
    ward_transfer AND k.stay AS ward_transfer,
    ward_gap,
    minimum_stay AND k.stay AS minimum_stay,
    minimum_length,
    bundled,
    bundle_boundary,
    list_contains(bundle_exempt_long, k.care_type) AS bundle_exempt_long,
    repeat_visit AND list_contains(repeat_visit_care_types, k.care_type) AS repeat_visit,
    same_cabinet = 'one_per_month' AS one_per_month,
    coalesce(icd10_chars, 7) AS icd10_chars,
    repeat_test AND list_contains(repeat_test_care_types, k.care_type) AS repeat_test,
    rehab_sessions AND k.care_type IN ('rehabilitation', 'traditional') AS rehab_sessions,
    k.care_type = 'rehabilitation' AS rehabilitation,
    sessions,
    once_a_year AND list_contains(once_a_year_care_types, k.care_type) AS once_a_year,
    diagnostics_cap AND k.care_type = 'diagnostics' AS diagnostics_cap,
    month_mnt,
    quarter_mnt,
    visit_copay AND k.care_type = 'outpatient' AS visit_copay,
    visit_rates_bp,
    year_limit,
    limit_mnt,
    overlapping_stay AND k.stay AS overlapping_stay,
    visit_too_short AND k.care_type = 'outpatient' AS visit_too_short,
    shortest_visit,
    suspect_duplicate,
    paired_diagnosis AND list_contains(paired_diagnosis_care_types, k.care_type) AS paired_diagnosis
FROM rule_terms
JOIN epoch USING (epoch)
JOIN book_care_types c ON in_force(first_day, c.valid_from, c.valid_to)
JOIN care_type k USING (care_type);

-- 3.2.4, 3.2.6, 3.4.3: a claim under these terms is part of a case of that other care type.
CREATE TABLE bundle_pair AS
SELECT t.terms_no, k.care_no AS container_care_no
FROM care_terms t
JOIN book_care_types c ON c.care_type = t.care_type AND in_force(t.first_day, c.valid_from, c.valid_to)
JOIN care_type k ON list_contains(names(c.bundled_in), k.care_type)
WHERE t.bundled AND k.care_type <> t.care_type;

-- 3.5.7: the tests of which a registered positive ends the need.
CREATE TABLE positive_service AS
SELECT DISTINCT t.terms_no, unnest(r.positive_services) AS service_code
FROM care_terms t JOIN rule_terms r USING (epoch)
WHERE r.positive_already AND t.care_type = 'diagnostics';

CREATE TABLE drg AS
SELECT CAST(row_number() OVER (ORDER BY drg_code) AS INTEGER) AS drg_no, drg_code
FROM (SELECT drg_code FROM book_drgs UNION SELECT drg_code FROM book_drg_map);

-- The grouping table with its bounds and prefixes normalised like the claims' codes, by epoch. The width of a range is
-- the number of steps between its first three characters, the third counted 0–9 A–Z.
CREATE MACRO category_step(code) AS
    ((ascii(code) - 65) * 10 + CAST(code[2] AS INTEGER)) * 36 + instr('0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ', code[3]) - 1;

CREATE TABLE map_row AS
WITH typed AS (
    SELECT
        care_type, clinical_code(icd10_from) AS icd10_from, clinical_code(icd10_to) AS icd10_to,
        clinical_code(procedure) AS procedure, clinical_code(paired_icd10) AS paired_icd10,
        CAST(age_from AS INTEGER) AS age_from, CAST(age_to AS INTEGER) AS age_to, sex, drg_code,
        coalesce(CAST(priority AS INTEGER), 0) AS priority, valid_from, valid_to
    FROM book_drg_map
)
SELECT
    t.terms_no, m.icd10_from, m.icd10_to, m.procedure, m.paired_icd10, m.age_from, m.age_to, m.sex,
    d.drg_no, d.drg_code, m.priority,
    category_step(m.icd10_to) - category_step(m.icd10_from) AS width,
    coalesce(m.procedure, m.paired_icd10, m.sex) IS NULL AND coalesce(m.age_from, m.age_to) IS NULL AS unconditional
FROM typed m
JOIN drg d USING (drg_code)
JOIN care_terms t ON t.care_type = m.care_type AND in_force(t.first_day, m.valid_from, m.valid_to);
