-- keyd_master_rows: versions of the master key that are known or named, and how many rows hang on each
-- in:
-- out: uuid, version, made_at, retired_at, keks, signers, relays, officers
WITH hanging AS (
    SELECT mk_uuid, mk_version, count(*) AS keks, 0 AS signers, 0 AS relays, 0 AS officers FROM kek GROUP BY 1, 2
    UNION ALL
    SELECT mk_uuid, mk_version, 0, count(*), 0, 0 FROM keyd_key GROUP BY 1, 2
    UNION ALL
    SELECT mk_uuid, mk_version, 0, 0, count(*), 0 FROM relay_key GROUP BY 1, 2
    UNION ALL
    SELECT mk_uuid, mk_version, 0, 0, 0, count(*) FROM officer GROUP BY 1, 2
)
SELECT coalesce(m.uuid, h.mk_uuid) AS uuid, coalesce(m.version, h.mk_version) AS version,
       utc(m.created_at) AS made_at, utc(m.retired_at) AS retired_at,
       coalesce(sum(h.keks), 0) AS keks, coalesce(sum(h.signers), 0) AS signers, coalesce(sum(h.relays), 0) AS relays,
       coalesce(sum(h.officers), 0) AS officers
  FROM master_key m
  FULL JOIN hanging h ON (h.mk_uuid, h.mk_version) = (m.uuid, m.version)
 GROUP BY 1, 2, 3, 4
 ORDER BY 2, 1
