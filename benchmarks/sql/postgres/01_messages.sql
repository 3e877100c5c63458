-- Messages (rules §0): of each line only the last message decides.
-- In: claims. Out: voided (row_no, reason, related_claim_id), replacement (row_no, presented_at, related_claim_id).

CREATE UNLOGGED TABLE message AS
SELECT row_no, claim_id, message, replaces_claim_id, submitted_at
FROM claims
WHERE message IN ('replacement', 'cancellation');

ANALYZE message;

-- Follow replaces_claim_id through other messages until it meets a claim that is none: the line's original.
CREATE UNLOGGED TABLE line AS
WITH RECURSIVE chase AS (
    SELECT claim_id, replaces_claim_id AS target FROM message
    UNION ALL
    SELECT c.claim_id, m.replaces_claim_id AS target
    FROM chase c JOIN message m ON m.claim_id = c.target
)
SELECT m.*, c.target AS original_id
FROM chase c
JOIN message m USING (claim_id)
WHERE NOT EXISTS (SELECT FROM message further WHERE further.claim_id = c.target);

-- The last by submitted_at (nulls last), then claim_id.
CREATE UNLOGGED TABLE deciding AS
SELECT DISTINCT ON (original_id) original_id, claim_id, message
FROM line
ORDER BY original_id, submitted_at DESC NULLS FIRST, claim_id DESC;

ANALYZE line, deciding;

CREATE UNLOGGED TABLE line_original AS
SELECT c.row_no, c.claim_id, coalesce(c.submitted_at, c.end_at) AS presented_at
FROM claims c
JOIN deciding d ON d.original_id = c.claim_id;

CREATE UNLOGGED TABLE voided AS
SELECT
    m.row_no,
    CASE d.message WHEN 'replacement' THEN 'REPLACED' ELSE 'CANCELLED' END AS reason,
    CASE WHEN m.claim_id = d.claim_id THEN m.replaces_claim_id ELSE d.claim_id END AS related_claim_id
FROM line m
JOIN deciding d USING (original_id)
WHERE NOT (m.claim_id = d.claim_id AND d.message = 'replacement')
UNION ALL
SELECT o.row_no, CASE d.message WHEN 'replacement' THEN 'REPLACED' ELSE 'CANCELLED' END, d.claim_id
FROM line_original o
JOIN deciding d ON d.original_id = o.claim_id;

-- §1: a standing replacement keeps the place of its original in the order.
CREATE UNLOGGED TABLE replacement AS
SELECT m.row_no, o.presented_at, m.replaces_claim_id AS related_claim_id
FROM line m
JOIN deciding d ON d.claim_id = m.claim_id AND d.message = 'replacement'
JOIN line_original o ON o.claim_id = m.original_id;

ANALYZE voided, replacement;
