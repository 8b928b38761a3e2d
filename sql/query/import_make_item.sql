-- import_make_item: what is to be done with each noun of the file but senders
-- in:
-- out:
CREATE TEMPORARY TABLE import_item (
    noun    text NOT NULL,                  -- client, site, smarthost, domain, login
    verb    text NOT NULL,                  -- add, change, same
    place   bigint,                         -- NULL: not in the file
    id      bigint,                         -- of the row that exists
    client  text COLLATE "C" NOT NULL,
    name    text COLLATE "C" NOT NULL,      -- acme, https://..., host:port, acme.example
    said    jsonb NOT NULL,                 -- the columns the file names; "" takes one away
    changed jsonb,                          -- those that differ, as they are
    torn    boolean                         -- the file says two things of it, or two clients have it
) ON COMMIT DROP;
