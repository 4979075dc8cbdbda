-- Until when an invitation e-mail was held back, because another one between the same two members was sent within the interval
-- (D15). Null: it was never held back. Safe while the previous version runs: it suppresses such an e-mail, as before.
ALTER TABLE notification.deliveries ADD COLUMN deferred_until timestamptz(3);
