-- user_grant: let a person in; NULL providers: none yet
-- in:  $1 person text, $2 role text, $3 provider ids bigint[] or NULL
-- out: done
SELECT user_grant($1, $2, $3::bigint[])::text AS done;
