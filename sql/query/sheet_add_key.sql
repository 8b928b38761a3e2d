-- sheet_add_key: this key stands on the sheet
-- in:  $1 provider_id bigint, $2 sheet_id bigint, $3 key_id bigint
-- out:
INSERT INTO sheet_key (provider_id, sheet_id, key_id) VALUES ($1, $2, $3)
ON CONFLICT DO NOTHING
