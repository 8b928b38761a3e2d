#!/bin/bash
# What people may do with psql in their hands: rows of their providers and no others, no sealed
# byte, no history but the one that happened.
# shellcheck source=tests/lib/house.sh
. "$top_srcdir/tests/lib/house.sh"
house_up

for provider in lms hr; do
	senderctl provider add $provider --title $provider --hosting-domain $provider.vendor.example \
		--default-sender no@$provider.vendor.example --spf-host _spf.$provider.vendor.example > /dev/null
	senderctl relay add $provider/mx1 --helo mx1.$provider.vendor.example --address 192.0.2.1 > /dev/null
	senderctl client add $provider/acme --title "Acme of $provider" > /dev/null
	senderctl login add $provider/acme $provider-app > /dev/null
	senderctl sender add $provider/acme info@acme.example --mode relayed --login $provider-app > /dev/null
	senderctl site add $provider/acme https://$provider.acme.example/ > /dev/null
	echo word | senderctl smarthost add $provider/acme smtp.acme.example --user v --password-file - > /dev/null
	senderctl sender waive info@acme.example --provider $provider --purpose spf --reason so > /dev/null
done
look "SELECT user_grant('anna', 'manager', ARRAY(SELECT provider_id FROM provider WHERE name = 'lms'));
      SELECT user_grant('otto', 'operator', ARRAY(SELECT provider_id FROM provider WHERE name = 'lms'));
      SELECT user_grant('ella', 'exporter', ARRAY(SELECT provider_id FROM provider WHERE name = 'lms'));
      SELECT user_grant('nils', 'manager', NULL)" > /dev/null
other=$(look "SELECT provider_id FROM provider WHERE name = 'hr'")
mine=$(look "SELECT provider_id FROM provider WHERE name = 'lms'")

# as PERSON SQL: one value, or the error
as() {
	psql -XAtq -v VERBOSITY=sqlstate -h "$SENDERCTL_STATE/run/db" -U senderctl_admin senderctl \
		-c "SET SESSION AUTHORIZATION $1" -c "SET search_path = senderctl" -c "$2" 2>&1
}
denied() { # NAME PERSON SQL
	has "$1" "$(as "$2" "$3")" 42501
}

# ---- seeing and touching

tables=$(look "SELECT c.relname FROM pg_class c
	WHERE c.relnamespace = 'senderctl'::regnamespace AND c.relkind = 'r' AND EXISTS (
	SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'provider_id') ORDER BY 1")
is "every table of a provider has its rows protected, from the owner too" \
	"$(look "SELECT count(*) FROM pg_class WHERE oid = ANY (ARRAY(
		SELECT ('senderctl.' || t)::regclass FROM unnest(string_to_array('$tables', E'\n')) t))
		AND NOT (relrowsecurity AND relforcerowsecurity)")" 0
foreign=
for table in $tables; do
	for person in anna otto ella nils; do
		seen=$(as $person "SELECT count(*) FROM (SELECT provider_id FROM $table WHERE provider_id = $other) x")
		[[ $seen = 0 || $seen = *42501* ]] || foreign+=" $person:$table"
	done
done
is "nobody sees a row of another provider" "$foreign" ""
is "a manager sees her own" "$(as anna 'SELECT name FROM client')" acme
# A transaction may say which provider it is about: that can hide, and never show.
is "who names another provider sees nothing of it" "$(as anna "SET senderctl.provider = '$other';
	SELECT (SELECT count(*) FROM client) + (SELECT count(*) FROM verdict) + (SELECT count(*) FROM domain)")" 0
is "who names her own sees her own" "$(as anna "SET senderctl.provider = '$mine'; SELECT count(*) FROM provider")" 1
is "who names none at all sees nothing" "$(as anna "SET senderctl.provider = '0'; SELECT count(*) FROM provider")" 0
is "who was let into no provider sees none" "$(as nils 'SELECT count(*) FROM provider')" 0
for change in "UPDATE client SET title = 'mine'" "UPDATE domain SET mode = 'on-premises'" \
	"UPDATE sender SET retired_at = now()" "DELETE FROM sender_login"; do
	as anna "$change WHERE provider_id = $other" > /dev/null
done
is "nor does a change reach them" "$(look "SELECT c.title || d.mode || (s.retired_at IS NULL) ||
	(SELECT count(*) FROM sender_login l WHERE l.provider_id = $other)
	FROM client c JOIN domain d USING (provider_id) JOIN sender s USING (provider_id)
	WHERE provider_id = $other")" "Acme of hrrelayedtrue1"
denied "nor can one be made there" anna \
	"INSERT INTO client (provider_id, name, title) VALUES ($other, 'mine', 'mine')"
denied "nor moved there" anna "UPDATE client SET provider_id = $other WHERE name = 'acme'"
denied "a manager owns no relays" anna "UPDATE relay SET helo = 'evil.example'"
denied "and no policies" anna "UPDATE provider SET linger = '0 s'"
denied "an exporter changes nothing" ella "UPDATE client SET title = 'x'"
denied "a manager lets nobody in" anna "SELECT user_grant('anna', 'manager', ARRAY[$other])"
denied "an operator hands out what is his alone" otto "SELECT user_grant('otto', 'operator', ARRAY[$other])"
denied "no manager adds a provider" anna "SELECT provider_add('x', 'x', 'x.example', 'a@x.example', 's.x.example', 'de')"
denied "nobody becomes the owner" otto "SET ROLE $(look "SELECT role('owner')")"
denied "nor the key service" otto "SET ROLE $(look "SELECT role('keyd')")"
denied "nor makes roles" otto "CREATE ROLE mallory"
denied "nor puts anything into the schema" otto "CREATE TABLE senderctl.trap (x int)"

# ---- guards

is "every guard looks at our tables, wherever its caller looks" \
	"$(look "SELECT string_agg(proname, ' ') FROM pg_proc WHERE pronamespace = 'senderctl'::regnamespace
		AND (prorettype = 'trigger'::regtype OR prosecdef)
		AND NOT coalesce('search_path=senderctl, pg_catalog, pg_temp' = ANY (proconfig), false)")" ""
senderctl key generate lms/acme > /dev/null
is "a table of one's own does not shorten the wait of a key" "$(as otto "
	CREATE TEMP TABLE provider AS SELECT * FROM senderctl.provider;
	UPDATE pg_temp.provider SET publish_margin = '0', publish_probes = 0;
	SET search_path = pg_temp, senderctl;
	BEGIN; UPDATE senderctl.dkim_key SET publish_pending_at = clock_timestamp(); COMMIT;
	BEGIN; UPDATE senderctl.dkim_key SET seen_since = clock_timestamp(); COMMIT;
	SELECT usable_at - seen_since >= '1 hour' FROM senderctl.dkim_key")" t

# ---- sealed columns

for person in anna otto ella; do
	for sealed in "sealed FROM smarthost_secret" "sealed FROM dkim_secret" "sealed FROM kek" \
		"sealed FROM keyd_key" "public_key FROM relay_key" "uuid FROM request"; do
		denied "$person does not see $sealed" $person "SELECT $sealed"
	done
done
is "that there is a password is no secret" "$(as anna 'SELECT count(*) FROM (SELECT version FROM smarthost_secret) x')" 1

# ---- the history

denied "an event stays as it was" anna "UPDATE event SET why = 'never'"
denied "and where it was" anna "DELETE FROM event"
denied "for operators too" otto "TRUNCATE event"
has "the owner is held by a trigger" "$(as senderctl_admin \
	"SET ROLE $(look "SELECT role('owner')"); UPDATE event SET why = 'never' WHERE provider_id = $mine")" 42501
denied "nobody writes in another's name" anna \
	"INSERT INTO event (provider_id, subject, what, actor) VALUES ($mine, 'x', 'x', 'otto')"
denied "or at another time" anna \
	"INSERT INTO event (provider_id, subject, what, at) VALUES ($mine, 'x', 'x', '2001-01-01')"
is "in her own she may" "$(as anna "INSERT INTO event (provider_id, subject, what) VALUES ($mine, 'x', 'x');
	SELECT actor FROM event WHERE what = 'x'")" anna
denied "a waiver is signed by who made it" anna "INSERT INTO waiver (provider_id, domain_id, purpose, reason, by_whom)
	SELECT $mine, id, 'dkim', 'x', 'otto' FROM domain"
denied "and its reason stays" anna "UPDATE waiver SET reason = 'x'"

# ---- between clients of one provider

look "INSERT INTO client (provider_id, name, title) VALUES ($mine, 'birke', 'Birke');
	INSERT INTO login (provider_id, client_id, name) SELECT $mine, id, 'birke-app' FROM client
		WHERE provider_id = $mine AND name = 'birke';
	INSERT INTO site (provider_id, client_id, host, url) SELECT $mine, id, 'birke.example',
		'https://birke.example/' FROM client WHERE provider_id = $mine AND name = 'birke';
	INSERT INTO smarthost (provider_id, client_id, host, auth_user) SELECT $mine, id, 'smtp.birke.example',
		'v' FROM client WHERE provider_id = $mine AND name = 'birke'" > /dev/null
has "another client's login is listed at no sender" "$(as anna "INSERT INTO sender_login
	(provider_id, sender_id, login_id) SELECT $mine, s.id, l.id FROM sender s, login l
	WHERE l.name = 'birke-app'")" SC001
has "nor does a login move to another client" "$(as anna "UPDATE login SET client_id =
	(SELECT id FROM client WHERE name = 'birke') WHERE name = 'lms-app'")" SC001
has "another client's site is no sender's" "$(as anna "UPDATE sender SET site_id =
	(SELECT id FROM site WHERE host = 'birke.example')")" 23503
has "nor its server" "$(as anna "UPDATE domain SET mode = 'direct', smarthost_id =
	(SELECT id FROM smarthost WHERE host = 'smtp.birke.example')")" 23503

finish
