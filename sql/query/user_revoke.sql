-- user_revoke: take a role or providers away from a person
-- in:  $1 person text, $2 role text or NULL, $3 provider ids bigint[] or NULL
-- out: done
SELECT user_revoke($1, $2, $3::bigint[])::text AS done;
