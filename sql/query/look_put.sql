-- look_put: the opinions about one domain, and the answers they rest on: so many of these for each
--           opinion; the trigger decides what is settled.  What is no longer required is forgotten
-- in:  $1 provider bigint, $2 domain bigint, $3 how long ago the look began, seconds,
--      $4 purposes text[], $5 names text[], $6 types text[], $7 required boolean[], $8 told boolean[],
--      $9 states text[], $10 negative ttls int[], $11 expected text[], $12 found text[],
--      $13 explanations text[], $14 ends of certificates text[] (empty: none), $15 counts int[];
--      $16 of which opinion int[], $17 servers text[], $18 ttls bigint[] (-1: none), $19 rcodes text[],
--      $20 ads boolean[], $21 answers bytea[] (empty: none)
-- out: confirmed
SELECT look_put($1::bigint, $2::bigint, clock_timestamp() - make_interval(secs => $3::double precision),
                $4::text[], $5::text[], $6::text[], $7::boolean[], $8::boolean[], $9::text[], $10::int[],
                $11::text[], $12::text[], $13::text[], $14::text[], $15::int[],
                $16::int[], $17::text[], $18::bigint[], $19::text[], $20::boolean[], $21::bytea[]) AS confirmed;
