-- What a logout names of a login: our entity ID at that time, and every index of a session that the
-- identity provider gave several.

ALTER TABLE sessions ADD COLUMN sp_entity_id TEXT;
-- A JSON list of those behind `session_index`; null where there are none.
ALTER TABLE sessions ADD COLUMN more_session_indexes TEXT;
