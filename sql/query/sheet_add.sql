-- sheet_add: issue a sheet under the client's next number
-- in:  $1 provider_id bigint, $2 client_id bigint, $3 language text, $4 model jsonb
-- out: number
INSERT INTO sheet (provider_id, client_id, number, language, model, digest)
SELECT $1, $2,
       1 + coalesce((SELECT max(number) FROM sheet WHERE provider_id = $1 AND client_id = $2), 0),
       $3, $4::jsonb, encode(sha256(convert_to($4::jsonb::text, 'UTF8')), 'hex')
RETURNING number
