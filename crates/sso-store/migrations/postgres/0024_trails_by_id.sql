-- An identifier of these begins with the instant at which its row came to be: what is past its time is found by the
-- key, and a login has two indexes less to write.

DROP INDEX traces_by_time;
DROP INDEX audit_by_time;
DROP INDEX scim_requests_by_time;
