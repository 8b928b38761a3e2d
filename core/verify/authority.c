#include "core/base/words.h"
#include "core/verify/authority.h"

enum { HOPS_MOST = 8 };

static bool has_record(const struct dns_answer *answer, const struct dns_record *wanted)
{
	for (size_t i = 0; i < answer->record_count; i++) {
		const struct dns_record *record = &answer->records[i];

		if (record->text_length == wanted->text_length
		    && record->preference == wanted->preference
		    && memcmp(record->text, wanted->text, wanted->text_length) == 0)
			return true;
	}
	return false;
}

bool authority_same(const struct dns_answer *one, const struct dns_answer *other)
{
	bool found = one->outcome == DNS_FOUND;

	/* That a name lacks the type and that it lacks altogether are the same to us. */
	if (found != (other->outcome == DNS_FOUND) || one->chain_length != other->chain_length
	    || strcmp(one->last_name, other->last_name) != 0
	    || one->record_count != other->record_count)
		return false;
	for (size_t i = 0; i < one->record_count; i++)
		if (!has_record(other, &one->records[i]))
			return false;
	return true;
}

/* Did any address of this name server say something definite? */
static bool has_spoken(const struct authority *authority, const char *name)
{
	for (size_t i = 0; i < authority->count; i++)
		if (strcmp(authority->answers[i].name, name) == 0
		    && dns_message_definite(authority->answers[i].answer))
			return true;
	return false;
}

static void find_silent(struct inquiry *inquiry, const struct zone_cut *cut,
                        struct authority *authority)
{
	for (size_t i = 0; i < authority->count; i++) {
		const struct authority_answer *each = &authority->answers[i];

		if (has_spoken(authority, each->name))
			continue;
		authority->state = AUTHORITY_SILENT;
		authority->problem =
			arena_print(inquiry_arena(inquiry), _("the name server %s (%s): %s"),
		                    each->name, each->server,
		                    dns_message_outcome_sentence(each->answer->outcome));
		return;
	}
	if (cut->homeless) {
		authority->state = AUTHORITY_SILENT;
		authority->problem = arena_print(inquiry_arena(inquiry),
		                                 _("the name server %s has no address"),
		                                 cut->homeless);
	}
}

/* Somebody who says something else than the answer that is kept. */
static void find_outlier(struct authority *authority)
{
	for (size_t i = 0; i < authority->count && !authority->outlier; i++) {
		const struct dns_answer *answer = authority->answers[i].answer;

		if (dns_message_definite(answer) && !authority_same(authority->answer, answer))
			authority->outlier = authority->answers[i].name;
	}
	if (authority->outlier)
		authority->state = AUTHORITY_SPLIT;
}

/* Who is responsible says so (AA); everybody else only repeats what it heard. */
static const struct dns_answer *responsible(struct inquiry *inquiry,
                                            const struct dns_answer *answer)
{
	struct dns_answer *lame = NULL;

	if (!dns_message_definite(answer) || answer->authoritative)
		return answer;
	lame = arena_take(inquiry_arena(inquiry), sizeof(*lame));
	*lame = *answer;
	lame->outcome = DNS_LAME;
	return lame;
}

/* One sentence about all the answers. */
static void judge(struct inquiry *inquiry, const struct zone_cut *cut, struct authority *authority)
{
	authority->state = AUTHORITY_AGREED;
	find_silent(inquiry, cut, authority);
	for (size_t i = 0; i < authority->count; i++) {
		const struct dns_answer *answer = authority->answers[i].answer;

		if (!dns_message_definite(answer))
			continue;
		/* Of several opinions keep one that holds a record. */
		if (!authority->answer || authority->answer->outcome != DNS_FOUND)
			authority->answer = answer;
		if (answer->longest_ttl > authority->longest_ttl)
			authority->longest_ttl = answer->longest_ttl;
		if (answer->has_soa)
			authority->negative_ttl = answer->negative_ttl;
	}
	find_outlier(authority);
	if (!authority->answer)
		authority->state = AUTHORITY_UNKNOWN;
}

/* Put the question to every server of the zone. */
static bool ask_all(struct inquiry *inquiry, const struct zone_cut *cut, const char *name, int type,
                    struct authority *authority, const char **referral)
{
	struct authority_answer *answers = arena_take(inquiry_arena(inquiry),
	                                              (cut->server_count + 1) * sizeof(*answers));
	bool complete = true;

	*referral = NULL;
	authority->answers = answers;
	authority->count = 0;
	for (size_t i = 0; i < cut->server_count; i++) {
		const struct zone_server *server = &cut->servers[i];
		const struct dns_answer *answer = inquiry_ask_server(inquiry, server->server, name,
		                                                     type);

		if (!answer) {
			complete = false;
			continue;
		}
		if (answer->outcome == DNS_REFERRED && strlen(answer->referral) > strlen(cut->apex))
			*referral = answer->referral;
		answers[authority->count++] = (struct authority_answer){
			server->name, server->server, responsible(inquiry, answer)
		};
	}
	return complete;
}

/* What the recursive resolvers say, as if they were responsible. */
static bool ask_resolvers(struct inquiry *inquiry, const char *name, int type,
                          struct authority *authority)
{
	const struct zone_cut nothing = { .apex = "" };
	size_t count = inquiry_resolvers(inquiry);
	struct authority_answer *answers = arena_take(inquiry_arena(inquiry),
	                                              (count + 1) * sizeof(*answers));
	bool complete = true;

	authority->answers = answers;
	authority->count = 0;
	for (size_t i = 0; i < count; i++) {
		const struct dns_answer *answer = inquiry_ask_resolver(inquiry, i, name, type);

		if (answer)
			answers[authority->count++] =
				(struct authority_answer){ answer->server, answer->server, answer };
		else
			complete = false;
	}
	if (!complete)
		return false;
	authority->zone = name;
	judge(inquiry, &nothing, authority);
	if (authority->answer) {
		authority->chain = authority->answer->chain;
		authority->chain_length = authority->answer->chain_length;
	}
	return true;
}

/* The zone that holds the name: down along referrals. */
static bool ask_zone(struct inquiry *inquiry, const char *name, int type,
                     struct authority *authority)
{
	struct zone_cut cut;
	const char *referral = NULL;

	if (!zone_cut_find(inquiry, name, &cut))
		return false;
	for (size_t hops = 0; !cut.problem && hops < HOPS_MOST; hops++) {
		if (!ask_all(inquiry, &cut, name, type, authority, &referral))
			return false;
		if (!referral)
			break;
		if (!zone_cut_at(inquiry, referral, &cut))
			return false;
	}
	authority->zone = cut.apex;
	authority->negative_ttl = cut.negative_ttl;
	authority->refresh = cut.refresh;
	authority->outlier = NULL;
	authority->answer = NULL;
	authority->problem = cut.problem;
	authority->state = AUTHORITY_UNKNOWN;
	if (!cut.problem)
		judge(inquiry, &cut, authority);
	return true;
}

/* The CNAMEs of one more zone. */
static void lengthen_chain(struct arena *arena, struct authority *authority,
                           const struct dns_answer *answer)
{
	size_t length = authority->chain_length + answer->chain_length;
	const char **chain = arena_take(arena, (length + 1) * sizeof(*chain));

	for (size_t i = 0; i < authority->chain_length; i++)
		chain[i] = authority->chain[i];
	for (size_t i = 0; i < answer->chain_length; i++)
		chain[authority->chain_length + i] = answer->chain[i];
	authority->chain = chain;
	authority->chain_length = length;
}

bool authority_ask(struct inquiry *inquiry, const char *name, int type, struct authority *authority)
{
	*authority = (struct authority){ 0 };
	if (inquiry_is_quick(inquiry))
		return ask_resolvers(inquiry, name, type, authority);
	for (size_t hops = 0; hops < HOPS_MOST; hops++) {
		const struct dns_answer *answer = NULL;

		if (!ask_zone(inquiry, name, type, authority))
			return false;
		answer = authority->answer;
		if (answer && answer->chain_length > 0)
			lengthen_chain(inquiry_arena(inquiry), authority, answer);
		/* A chain that leaves the zone is followed where it leads. */
		if (!answer || authority->state == AUTHORITY_SPLIT || answer->record_count > 0
		    || answer->chain_length == 0)
			return true;
		name = answer->last_name;
	}
	authority->state = AUTHORITY_UNKNOWN;
	authority->problem = _("the CNAMEs lead in circles");
	return true;
}
