#include "core/plan/planner.h"

#include <arpa/inet.h>
#include <string.h>

#include "core/base/text.h"
#include "core/base/words.h"
#include "core/plan/spf_price.h"
#include "core/record/dkim_record.h"
#include "core/record/dmarc_record.h"
#include "core/record/name.h"
#include "core/record/spf_record.h"

static bool is(const char *a, const char *b)
{
	return strcmp(a, b) == 0;
}

static bool hosted(const struct facts_domain *domain)
{
	return is(domain->mode, "hosted");
}

static struct requirement *add(struct planner *planner, const struct facts_domain *domain,
                               enum purpose purpose)
{
	struct requirement *requirement = requirement_add(planner->arena, &planner->list);

	requirement->domain = domain != NULL ? domain->name : NULL;
	requirement->purpose = purpose;
	requirement->owner = domain == NULL || hosted(domain) ? OWNER_PROVIDER : OWNER_CUSTOMER;
	requirement->action = ACTION_ADD;
	requirement->ttl = PLANNER_TTL;
	requirement->required = true;
	if (domain != NULL && domain->waived[purpose] != NULL) {
		requirement->waived = domain->waived[purpose];
		requirement->required = false;
	}
	return requirement;
}

const char *planner_spf_term(struct arena *arena, const struct facts *facts)
{
	return arena_print(arena, "include:%s", facts->spf_host);
}

/* Every address our mail comes from. */
static const char **relay_addresses(struct planner *planner, size_t *count)
{
	const struct facts *facts = planner->facts;
	size_t total = 0;

	for (size_t i = 0; i < facts->relay_count; i++)
		for (const char **a = facts->relays[i].addresses; *a != NULL; a++)
			total++;
	const char **addresses = arena_take(planner->arena, (total + 1) * sizeof *addresses);
	*count = 0;
	for (size_t i = 0; i < facts->relay_count; i++)
		for (const char **a = facts->relays[i].addresses; *a != NULL; a++)
			addresses[(*count)++] = *a;
	return addresses;
}

static bool look_txt(struct planner *planner, const char *name, struct ask_answer *answer,
                     struct err *err)
{
	return planner->ask->records(planner->ask->context, planner->arena, name, ASK_TXT, answer,
	                             err);
}

/* ---- SPF ------------------------------------------------------------------------ */

static bool merge_price(struct planner *planner, struct requirement *spf, struct spf_merge *merge,
                        struct err *err)
{
	struct spf_price price;

	if (!spf_price(planner->arena, planner->ask, spf->name, merge->record, &price, err))
		return false;
	if (price.lookups > SPF_LOOKUP_LIMIT) {
		merge->outcome = SPF_MERGE_REFUSED;
		merge->reason =
			arena_print(planner->arena,
		                    _("with all includes the record would need more than %d "
		                      "DNS lookups (%zu counted)"),
		                    SPF_LOOKUP_LIMIT, price.lookups);
	} else if (price.dead != NULL && strcmp(price.dead, planner->facts->spf_host) != 0) {
		spf->note = arena_print(planner->arena,
		                        _("include:%s leads to no SPF record: receivers answer "
		                          "permerror"),
		                        price.dead);
	}
	return true;
}

/* Several records: the first is replaced by the merged one, the others go. */
static void surplus_delete(struct planner *planner, const struct facts_domain *domain,
                           enum purpose purpose, const char *name, const struct ask_answer *answer)
{
	size_t seen = 0;

	for (size_t i = 0; i < answer->count; i++) {
		if (!spf_record_is(answer->texts[i].text, answer->texts[i].length) || seen++ == 0)
			continue;
		struct requirement *surplus = add(planner, domain, purpose);
		surplus->action = ACTION_DELETE;
		surplus->name = name;
		surplus->type = "TXT";
		surplus->value = arena_copy_part(planner->arena, answer->texts[i].text,
		                                 answer->texts[i].length);
		surplus->note = _("a name may have only one SPF record");
	}
}

/* S19: decided by evaluation for every address of ours, not by looking for a
 * word: a nested include or a range may let us pass already. */
static bool all_pass(struct planner *planner, const char *domain, bool *pass, struct err *err)
{
	const struct facts *facts = planner->facts;
	size_t asked = 0;

	*pass = planner->ask->spf != NULL;
	for (size_t i = 0; i < facts->relay_count && *pass; i++)
		for (const char **a = facts->relays[i].addresses; *a != NULL && *pass;
		     a++, asked++) {
			struct ask_spf question = { .domain = domain,
				                    .address = *a,
				                    .helo = facts->relays[i].helo };
			struct spf_check_verdict verdict;
			if (!planner->ask->spf(planner->ask->context, planner->arena, &question,
			                       &verdict, err))
				return false;
			*pass = verdict.result == SPF_PASS;
		}
	*pass = *pass && asked > 0;
	return true;
}

/* The one SPF record among the texts; NULL when there is none, or several. */
static const char *only_record(struct arena *arena, const struct ask_answer *answer)
{
	const char *found = NULL;

	for (size_t i = 0; i < answer->count; i++) {
		if (!spf_record_is(answer->texts[i].text, answer->texts[i].length))
			continue;
		if (found != NULL)
			return NULL;
		found = arena_copy_part(arena, answer->texts[i].text, answer->texts[i].length);
	}
	return found;
}

static bool spf_merge_into(struct planner *planner, const struct facts_domain *domain,
                           struct requirement *spf, const struct ask_answer *answer,
                           struct err *err)
{
	const char *term = spf->addition;
	struct spf_merge merge;
	struct spf_merge_wish wish = { .records = answer->texts,
		                       .record_count = answer->count,
		                       .terms = &term,
		                       .term_count = 1,
		                       .sends_now = hosted(domain) };

	wish.relays = relay_addresses(planner, &wish.relay_count);
	if (!spf_merge(planner->arena, &wish, &merge, err))
		return false;
	if (merge.outcome == SPF_MERGE_MERGED && !merge_price(planner, spf, &merge, err))
		return false;
	if (merge.outcome == SPF_MERGE_REFUSED) {
		/* What must not be merged is shown as it is, with the reason. */
		planner->refused++;
		spf->action = ACTION_REPLACE;
		spf->present = merge.record;
		spf->value = NULL;
		spf->note = merge.reason;
		return true;
	}
	if (merge.spf_count == 0)
		return true; /* the addition, as a whole record */
	spf->action = merge.outcome == SPF_MERGE_UNCHANGED ? ACTION_KEEP : ACTION_REPLACE;
	if (spf->action == ACTION_REPLACE)
		spf->present = arena_copy_part(planner->arena, answer->texts[0].text,
		                               answer->texts[0].length);
	for (size_t i = 0; spf->action == ACTION_REPLACE && i < answer->count; i++)
		if (spf_record_is(answer->texts[i].text, answer->texts[i].length)) {
			spf->present = arena_copy_part(planner->arena, answer->texts[i].text,
			                               answer->texts[i].length);
			break;
		}
	spf->value = merge.record;
	if (merge.spf_count > 1) {
		const char *name = spf->name;
		enum purpose purpose = spf->purpose;
		surplus_delete(planner, domain, purpose, name, answer);
	}
	return true;
}

/* The name whose SPF receivers look at: the envelope domain. */
static bool spf_plan(struct planner *planner, const struct facts_domain *domain, struct err *err)
{
	bool own_name = domain->envelope_domain == NULL
	                || is(domain->envelope_domain, domain->name);
	enum purpose purpose = own_name ? PURPOSE_SPF : PURPOSE_MAILFROM;
	struct requirement *spf = add(planner, domain, purpose);
	struct ask_answer answer = { .state = ASK_NONE };

	spf->name = own_name ? domain->name : domain->envelope_domain;
	spf->type = "TXT";
	spf->addition = planner_spf_term(planner->arena, planner->facts);
	/* Where only we send, nobody else may; elsewhere others are not ours to judge. */
	spf->value = arena_print(planner->arena, "v=spf1 %s %s", spf->addition,
	                         own_name && !hosted(domain) ? "~all" : "-all");
	if (planner->ask == NULL)
		return true;
	if (!look_txt(planner, spf->name, &answer, err))
		return false;
	if (answer.state == ASK_UNKNOWN) {
		planner->unknown++;
		spf->note =
			arena_print(planner->arena,
		                    _("DNS did not say what is published today (%s); shown as an "
		                      "addition"),
		                    answer.why);
		return true;
	}
	const char *today = only_record(planner->arena, &answer);
	bool pass = false;
	if (today != NULL && !all_pass(planner, spf->name, &pass, err))
		return false;
	if (pass) {
		spf->action = ACTION_KEEP;
		spf->value = today;
		return true;
	}
	return spf_merge_into(planner, domain, spf, &answer, err);
}

/* A MAIL FROM domain must be able to take bounces, else receivers refuse it. */
static void bounce_plan(struct planner *planner, const struct facts_domain *domain)
{
	const char *name = domain->envelope_domain != NULL ? domain->envelope_domain : domain->name;

	if (!hosted(domain) && (domain->envelope_domain == NULL || is(name, domain->name)))
		return;
	for (size_t i = 0; i < planner->facts->relay_count; i++) {
		struct requirement *mx = add(planner, domain, PURPOSE_MAILFROM);
		mx->required = false;
		mx->name = name;
		mx->type = "MX";
		mx->value = arena_print(planner->arena, "10 %s", planner->facts->relays[i].helo);
	}
}

/* ---- DKIM ------------------------------------------------------------------------- */

static enum requirement_action key_action(const struct facts_key *key)
{
	static const struct {
		const char *state;
		enum requirement_action action;
	} rows[] = {
		{ "generated", ACTION_ADD },    { "publish-pending", ACTION_ADD },
		{ "published", ACTION_KEEP },   { "active", ACTION_KEEP },
		{ "retiring", ACTION_KEEP },    { "retired", ACTION_DELETE },
		{ "destroyed", ACTION_DELETE }, { "cancelled", ACTION_DELETE },
		{ "revoked", ACTION_REPLACE },
	};

	for (size_t i = 0; i < LENGTH(rows); i++)
		if (is(rows[i].state, key->state))
			return rows[i].action;
	return ACTION_KEEP;
}

static struct requirement *key_record(struct planner *planner, const struct facts_domain *domain,
                                      const struct facts_key *key)
{
	struct requirement *record = add(planner, domain, PURPOSE_DKIM);

	record->action = key_action(key);
	/* Only what a signature needs now or soon must be there. */
	if (record->action == ACTION_DELETE || record->action == ACTION_REPLACE || key->standby)
		record->required = false;
	record->selector = key->selector;
	record->key_id = key->id;
	return record;
}

static void key_text(struct planner *planner, const struct facts_key *key,
                     struct requirement *record)
{
	struct text value = { 0 };

	record->type = "TXT";
	dkim_record_render(&value, key->algorithm, key->public_key, key->public_key_size);
	record->value = arena_copy(planner->arena, text_string(&value));
	text_free(&value);
	if (record->action == ACTION_REPLACE) {
		/* A key in wrong hands: its record stays and says that it is void. */
		record->present = record->value;
		record->value = dkim_record_revoked();
	}
}

/* With DNS at hand: what is there already need not be added, and what is gone
 * need not be deleted. */
static bool key_observe(struct planner *planner, const struct facts_key *key,
                        struct requirement *record, struct err *err)
{
	struct ask_answer answer;
	struct dkim_record found;
	struct err broken = { 0 };

	if (planner->ask == NULL || record->action == ACTION_REPLACE)
		return true;
	if (!look_txt(planner, record->name, &answer, err))
		return false;
	if (answer.state == ASK_UNKNOWN) {
		planner->unknown++;
		return true;
	}
	bool wanted = record->action != ACTION_DELETE;
	bool same = answer.count == 1
	            && dkim_record_parse(planner->arena, answer.texts[0].text,
	                                 answer.texts[0].length, &found, &broken)
	            && dkim_record_same_key(&found, key->algorithm, key->public_key,
	                                    key->public_key_size);
	if (wanted && answer.count > 0 && !same) {
		record->action = ACTION_REPLACE;
		record->present = arena_copy_part(planner->arena, answer.texts[0].text,
		                                  answer.texts[0].length);
	} else if (wanted) {
		record->action = same ? ACTION_KEEP : ACTION_ADD;
	} else if (answer.count == 0) {
		planner->list.count--;
	}
	return true;
}

static bool key_plan(struct planner *planner, const struct facts_domain *domain,
                     const struct facts_key *key, struct err *err)
{
	struct arena *arena = planner->arena;

	if (is(key->publish, "ns"))
		return err_set(err, ERR_INPUT,
		               _("%s: delegation of _domainkey by NS is not supported yet"),
		               domain->name);
	/* In our own zone a pointer to ourselves would only cost a lookup. */
	if (is(key->publish, "txt") || hosted(domain)) {
		struct requirement *record = key_record(planner, domain, key);
		record->name = dkim_record_name(arena, key->selector, domain->name);
		key_text(planner, key, record);
		return key_observe(planner, key, record, err);
	}
	struct requirement *pointer = key_record(planner, domain, key);
	pointer->name = dkim_record_name(arena, key->selector, domain->name);
	pointer->type = "CNAME";
	pointer->value = dkim_record_target(arena, key->selector, domain->name,
	                                    planner->facts->hosting_domain);
	const char *target = pointer->value;
	size_t before = planner->list.count;
	if (pointer->action == ACTION_REPLACE)
		pointer->action = ACTION_KEEP;
	else if (!key_observe(planner, key, pointer, err))
		return false;
	else if (planner->list.count < before)
		return true;

	struct requirement *record = key_record(planner, domain, key);
	record->owner = OWNER_PROVIDER;
	record->name = target;
	key_text(planner, key, record);
	if (record->action == ACTION_DELETE) {
		/* The customer's pointer may stay for long: what it points to says so. */
		record->action = ACTION_REPLACE;
		record->present = record->value;
		record->value = dkim_record_revoked();
	}
	return true;
}

static bool dkim_plan(struct planner *planner, const struct facts_domain *domain, struct err *err)
{
	bool living = false;

	for (size_t i = 0; i < domain->key_count; i++) {
		if (!key_plan(planner, domain, &domain->keys[i], err))
			return false;
		living = living || is(domain->keys[i].state, "active")
		         || is(domain->keys[i].state, "published")
		         || key_action(&domain->keys[i]) == ACTION_ADD;
	}
	if (!living)
		planner->keyless++;
	return true;
}

/* ---- DMARC --------------------------------------------------------------------------- */

/* Is a record published for the name or above it (RFC 9989 4.10: at most eight
 * questions; from eight labels on, the walk goes on at seven)? */
static bool dmarc_published(struct planner *planner, const char *name, enum ask_state *state,
                            const char **where, const char **text, struct err *err)
{
	*state = ASK_NONE;
	for (int questions = 0; name != NULL && questions < 8; questions++) {
		struct ask_answer answer;
		const char *at = dmarc_record_name(planner->arena, name);
		if (!look_txt(planner, at, &answer, err))
			return false;
		if (answer.state == ASK_UNKNOWN)
			*state = ASK_UNKNOWN;
		for (size_t i = 0; i < answer.count; i++)
			if (dmarc_record_is(answer.texts[i].text, answer.texts[i].length)) {
				*state = ASK_FOUND;
				*where = at;
				*text = arena_copy_part(planner->arena, answer.texts[i].text,
				                        answer.texts[i].length);
				return true;
			}
		do
			name = name_parent(name);
		while (name != NULL && name_labels(name) > 7);
	}
	return true;
}

/* D6: never p=reject unasked; a start without effect on mail, for everybody. */
static bool dmarc_plan(struct planner *planner, const struct facts_domain *domain, struct err *err)
{
	enum ask_state state = ASK_NONE;
	const char *where = NULL, *text = NULL;

	if (planner->ask != NULL
	    && !dmarc_published(planner, domain->name, &state, &where, &text, err))
		return false;
	if (state == ASK_UNKNOWN)
		planner->unknown++;
	struct requirement *dmarc = add(planner, domain, PURPOSE_DMARC);
	dmarc->required = false;
	dmarc->type = "TXT";
	dmarc->name = state == ASK_FOUND ? where : dmarc_record_name(planner->arena, domain->name);
	dmarc->value = state == ASK_FOUND ? text : "v=DMARC1; p=none";
	dmarc->action = state == ASK_FOUND ? ACTION_KEEP : ACTION_ADD;
	return true;
}

/* ---- facts that are no records ---------------------------------------------------------- */

static void smarthost_plan(struct planner *planner, const struct facts_domain *domain)
{
	if (domain->smarthost == NULL)
		return;
	struct requirement *fact = add(planner, domain, PURPOSE_SMARTHOST);
	fact->name = arena_print(planner->arena, "%s:%d", domain->smarthost,
	                         domain->smarthost_port);
	fact->type = "SMTP";
	fact->ttl = 0;
	fact->value = arena_print(planner->arena, "%s, AUTH %s", domain->smarthost_tls,
	                          domain->smarthost_user);
}

static void site_plan(struct planner *planner, const struct facts_domain *domain)
{
	for (size_t i = 0; hosted(domain) && i < domain->sender_count; i++) {
		const char *url = domain->senders[i].url;
		bool known = url == NULL;
		for (size_t j = 0; j < i && !known; j++)
			known = domain->senders[j].url != NULL && is(domain->senders[j].url, url);
		if (known)
			continue;
		struct requirement *fact = add(planner, domain, PURPOSE_SITE);
		fact->required = false;
		fact->name = domain->name;
		fact->type = "URL";
		fact->ttl = 0;
		fact->value = url;
	}
}

bool planner_domain(struct planner *planner, const struct facts_domain *domain, struct err *err)
{
	if (is(domain->mode, "direct")) {
		smarthost_plan(planner, domain);
		return true;
	}
	/* The customer's own server sends: its records are none of our business. */
	if (is(domain->mode, "on-premises"))
		return true;
	if (!spf_plan(planner, domain, err))
		return false;
	bounce_plan(planner, domain);
	if (domain->dkim && !dkim_plan(planner, domain, err))
		return false;
	site_plan(planner, domain);
	return dmarc_plan(planner, domain, err);
}

/* ---- the provider's own zone ----------------------------------------------------------------- */

/* S24: addresses only, at most 450 octets a record, chained when there are more. */
enum { SPF_RECORD_OCTETS = 450 };

static struct requirement *spf_chain_put(struct planner *planner, const char *name,
                                         const char *terms)
{
	struct requirement *record = add(planner, NULL, PURPOSE_SPF);

	record->name = name;
	record->type = "TXT";
	record->value = arena_print(planner->arena, "v=spf1%s -all", terms);
	return record;
}

static void spf_include_plan(struct planner *planner)
{
	const char *host = planner->facts->spf_host;
	struct text terms = { 0 }, includes = { 0 };
	size_t count, parts = 0;
	const char **addresses = relay_addresses(planner, &count);
	struct requirement *head = spf_chain_put(planner, host, "");
	size_t head_at = (size_t)(head - planner->list.items);

	for (size_t i = 0; i < count; i++) {
		text_addf(&terms, " %s:%s", strchr(addresses[i], ':') != NULL ? "ip6" : "ip4",
		          addresses[i]);
		bool last = i + 1 == count;
		if (terms.length < SPF_RECORD_OCTETS - 60 && !last)
			continue;
		if (last && parts == 0)
			break;
		const char *part = arena_print(planner->arena, "_%zu.%s", ++parts, host);
		(void)spf_chain_put(planner, part, text_string(&terms));
		text_addf(&includes, " include:%s", part);
		text_clear(&terms);
	}
	planner->list.items[head_at].value = arena_print(planner->arena, "v=spf1%s -all",
	                                                 parts > 0 ? text_string(&includes)
	                                                           : text_string(&terms));
	text_free(&terms);
	text_free(&includes);
}

/* 192.0.2.1 -> 1.2.0.192.in-addr.arpa */
static const char *reverse_name(struct arena *arena, const char *address)
{
	unsigned char octets[16];
	struct text out = { 0 };

	if (inet_pton(AF_INET, address, octets) == 1)
		return arena_print(arena, "%u.%u.%u.%u.in-addr.arpa", octets[3], octets[2],
		                   octets[1], octets[0]);
	if (inet_pton(AF_INET6, address, octets) != 1)
		return NULL;
	for (size_t i = sizeof octets; i-- > 0;)
		text_addf(&out, "%x.%x.", octets[i] & 15u, octets[i] >> 4);
	text_add(&out, "ip6.arpa");
	const char *name = arena_copy(arena, text_string(&out));
	text_free(&out);
	return name;
}

static void helo_plan(struct planner *planner, const struct facts_relay *relay)
{
	struct requirement *record = add(planner, NULL, PURPOSE_SPF);

	record->name = relay->helo;
	record->type = "TXT";
	record->value = "v=spf1 a -all";
	for (const char **a = relay->addresses; *a != NULL; a++) {
		record = add(planner, NULL, PURPOSE_MAILFROM);
		record->name = relay->helo;
		record->type = strchr(*a, ':') != NULL ? "AAAA" : "A";
		record->value = *a;
		record = add(planner, NULL, PURPOSE_MAILFROM);
		record->required = false;
		record->name = reverse_name(planner->arena, *a);
		record->type = "PTR";
		record->value = relay->helo;
	}
}

void planner_provider(struct planner *planner)
{
	size_t first = planner->list.count;

	spf_include_plan(planner);
	for (size_t i = 0; i < planner->facts->relay_count; i++)
		helo_plan(planner, &planner->facts->relays[i]);
	for (size_t i = first; i < planner->list.count; i++)
		planner->list.items[i].domain = planner->facts->hosting_domain;
}
