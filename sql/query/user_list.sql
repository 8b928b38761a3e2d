-- user_list: who works here, as what, for which of my providers
-- in:
-- out: person, roles, providers
SELECT u.person, u.roles,
       array(SELECT p.name::text FROM provider p WHERE p.provider_id = ANY (u.providers) ORDER BY 1) AS providers
  FROM user_list() u
 ORDER BY u.person;
