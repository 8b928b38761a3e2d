-- channel_list: how the ways of telling are
-- in:
-- out: provider, channel, told_at, attempt, next_at, problem, waiting
SELECT p.name AS provider, h.name AS channel,
       moment_text(h.told_at) AS told_at, h.attempt,
       moment_text(h.next_at) AS next_at, h.problem,
       (SELECT count(*) FROM change c WHERE c.provider_id = h.provider_id
           AND CASE h.name WHEN 'mail' THEN c.digested_at IS NULL
                           ELSE c.posted_at IS NULL AND c.at > now() - interval '7 days' END) AS waiting
  FROM channel h JOIN provider p ON p.provider_id = h.provider_id
 ORDER BY p.name, h.name;
