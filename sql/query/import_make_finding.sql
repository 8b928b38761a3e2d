-- import_make_finding: what the database has against the file
-- in:
-- out:
CREATE TEMPORARY TABLE import_finding (
    place bigint NOT NULL,
    field text NOT NULL,
    rule  text NOT NULL,
    name  text NOT NULL,
    other bigint,                           -- the place it collides with
    whose text                              -- or the client, or the value
) ON COMMIT DROP;
