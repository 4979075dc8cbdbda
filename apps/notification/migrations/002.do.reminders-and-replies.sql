-- Which invitation an e-mail is about, also when its content is gone: reminders look here for what has become of it.
ALTER TABLE notification.deliveries ADD COLUMN invitation_id text;
UPDATE notification.deliveries SET invitation_id = content->>'invitationId' WHERE content IS NOT NULL;

-- After this instant the e-mail is no longer sent; null: it does not age.
ALTER TABLE notification.deliveries ADD COLUMN valid_until timestamptz(3);

CREATE INDEX deliveries_of_invitation ON notification.deliveries (invitation_id, kind);
