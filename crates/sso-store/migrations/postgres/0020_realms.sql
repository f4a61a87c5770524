-- A realm is of one organization: a token has nothing else that says whose it is. Of two that had the same
-- before, the second keeps it until its connection is written again.

ALTER TABLE connections ADD COLUMN realm TEXT;
UPDATE connections SET realm = settings::json ->> 'service_uri'
    WHERE id IN (
        SELECT DISTINCT ON (settings::json ->> 'service_uri') id FROM connections
        WHERE slot = 'live' AND settings::json ->> 'protocol' = 'wsfed'
        ORDER BY settings::json ->> 'service_uri', id
    );
CREATE UNIQUE INDEX connections_by_realm ON connections (realm) WHERE realm IS NOT NULL;
