-- serving_room: may rows be joined one by one ('on') or only as sets ('off'), in this transaction: a relay is told of all
--      senders of a provider, and statistics that have not seen an import yet take them for one row
-- in:  $1 nested: on, off
-- out: nested
SELECT set_config('enable_nestloop', $1, true) AS nested;
