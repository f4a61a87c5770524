-- What else is under way in the browser that signs in.

CREATE INDEX pending_logins_by_browser ON pending_logins (browser);
