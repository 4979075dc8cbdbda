-- Finds the few members who were erased among the authors: every batch of rows asks for them. Safe while the previous version runs.
CREATE INDEX author_keys_erased ON read_models.author_keys (author_id) WHERE erased_at IS NOT NULL;
