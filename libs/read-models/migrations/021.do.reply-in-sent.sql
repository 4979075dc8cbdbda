-- The text of a reply, where its inviter sees the invitation (D18). Safe while the previous version runs, which writes neither column.
-- Rows of earlier replies have no text until the projection `sent` is rebuilt.
SELECT read_models.add_column('sent', 'reply text');
SELECT read_models.add_column('sent', 'replied_at timestamptz(3)');
