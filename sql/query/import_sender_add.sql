-- import_sender_add: the senders that are new
-- in:  $1 provider_id bigint
-- out:
INSERT INTO sender (provider_id, client_id, address, site_id, display_name, reply_to)
SELECT $1, client_id, address, site_id, display_name, reply_to
  FROM pg_temp.import_sender
 WHERE verb = 'add';
