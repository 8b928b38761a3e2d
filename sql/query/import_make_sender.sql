-- import_make_sender: what is to be done with each sender of the file
-- in:
-- out:
CREATE TEMPORARY TABLE import_sender (
    verb         text NOT NULL,
    place        bigint NOT NULL,
    id           bigint,
    client_id    bigint NOT NULL,
    address      text COLLATE "C" NOT NULL,
    site_id      bigint,
    display_name text,
    reply_to     text,
    logins       text[] COLLATE "C",       -- NULL: not said; {}: all of the client's
    changed      jsonb
) ON COMMIT DROP;
