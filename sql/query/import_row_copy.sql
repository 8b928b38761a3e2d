-- import_row_copy: the rows of the file, streamed
-- in:
-- out:
COPY pg_temp.import_row FROM STDIN;
