-- A realm is of one organization: a token has nothing else that says whose it is. Of two that had the same
-- before, the second keeps it until its connection is written again.

ALTER TABLE connections ADD COLUMN realm TEXT;
UPDATE connections SET realm = json_extract(settings, '$.service_uri')
    WHERE id IN (
        SELECT min(id) FROM connections
        WHERE slot = 'live' AND json_extract(settings, '$.protocol') = 'wsfed'
        GROUP BY json_extract(settings, '$.service_uri')
    );
CREATE UNIQUE INDEX connections_by_realm ON connections (realm) WHERE realm IS NOT NULL;
