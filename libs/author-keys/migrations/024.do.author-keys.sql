-- The key of each author, with which the texts of their messages and replies are encrypted in the event store. Not a read model: it
-- stands nowhere else, and without a key the author's texts are lost, so it is backed up. A row whose key is NULL is that of an
-- erased author: no key can be created for them again.
--
-- Safe while the previous version runs, which does not know this table.
CREATE TABLE read_models.author_keys (
  author_id    text PRIMARY KEY,
  -- The id of the key that wraps this one (TEXT_KEYS).
  wrapping_key text,
  -- AES-256-GCM: the initialisation vector, the encrypted key and the tag.
  wrapped      bytea,
  created_at   timestamptz(3) NOT NULL DEFAULT now(),
  erased_at    timestamptz(3),
  CHECK ((wrapped IS NULL) = (erased_at IS NOT NULL) AND (wrapped IS NULL) = (wrapping_key IS NULL))
);
