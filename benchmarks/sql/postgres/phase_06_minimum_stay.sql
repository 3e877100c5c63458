-- MINIMUM_STAY (2.1; §3, phase 6): a case as short as a visit is not a stay. Where both ends are midnight the times
-- are unknown and only a case within one date is too short.

INSERT INTO settled
SELECT s.paid_ord, 'denied', 'STAY_TOO_SHORT', NULL
FROM stay_case s
JOIN care_terms t USING (terms_no)
WHERE t.minimum_stay
    AND CASE
        WHEN midnight(s.first_start) AND midnight(s.latest_end) THEN s.first_start = s.latest_end
        ELSE s.latest_end <= s.first_start + t.minimum_length
    END;
