-- keyd_master_foreign: is something here sealed under a master key that we don't have, or not under the newest?
-- in:  $1 uuid, $2 versions int list, $3 newest version
-- out: foreign, stale
SELECT bool_or(used AND (mk_uuid IS DISTINCT FROM $1::uuid OR mk_version <> ALL ($2::int[]))) IS TRUE AS foreign,
       bool_or((mk_uuid, mk_version) IS DISTINCT FROM ($1::uuid, $3::int)) IS TRUE AS stale
  FROM (SELECT mk_uuid, mk_version, bool_or(retired_at IS NULL) AS used FROM kek GROUP BY 1, 2
        UNION ALL
        SELECT mk_uuid, mk_version, bool_or(retired_at IS NULL) FROM keyd_key GROUP BY 1, 2
        UNION ALL
        SELECT mk_uuid, mk_version, false FROM relay_key GROUP BY 1, 2
        UNION ALL
        SELECT mk_uuid, mk_version, false FROM officer GROUP BY 1, 2) AS hanging
