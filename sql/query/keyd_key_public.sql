-- keyd_key_public: what a request was answered with
-- in:  $1 provider_id, $2 id
-- out: uuid, selector, public_key
SELECT uuid, selector, public_key FROM dkim_key WHERE provider_id = $1::bigint AND id = $2::bigint
