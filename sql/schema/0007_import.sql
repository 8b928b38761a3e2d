-- 0007_import: what an import needs to compare sets of rows.

-- The part of a row as it is (have) that differs from what a file says of it;
-- NULL when nothing does.  "" in a file takes a value away.
CREATE FUNCTION import_changed(have jsonb, said jsonb) RETURNS jsonb
LANGUAGE sql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT jsonb_object_agg(key, have -> key)
      FROM jsonb_each_text(said) AS said (key, value)
     WHERE nullif(value, '') IS DISTINCT FROM have ->> key
$$;
CALL allow_call('manager', 'import_changed(jsonb, jsonb)');
