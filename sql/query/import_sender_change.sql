-- import_sender_change: the senders of which the file says something else
-- in:  $1 provider_id bigint
-- out:
UPDATE sender AS s
   SET site_id = i.site_id, display_name = i.display_name, reply_to = i.reply_to
  FROM pg_temp.import_sender AS i
 WHERE s.provider_id = $1 AND s.id = i.id AND i.verb = 'change';
