-- import_make_row: where the rows of a file wait; the first of the tables of an import
-- in:
-- out:
CREATE TEMPORARY TABLE import_row (
    place           bigint NOT NULL,
    client          text COLLATE "C" NOT NULL,
    title           text,
    language        text,
    contact         text,
    reply_to        text,
    site            text COLLATE "C",
    audience        text,
    sender          text COLLATE "C",
    display_name    text,
    sender_reply_to text,
    logins          text[] COLLATE "C",
    domain          text COLLATE "C",
    mode            text,
    envelope_domain text,
    dkim            boolean,
    dkim_publish    text,
    smarthost       text COLLATE "C",
    tls             text,
    ca              text,
    site_host       text COLLATE "C",
    smarthost_user  text,
    smarthost_host  text COLLATE "C",
    smarthost_port  int
) ON COMMIT DROP;
