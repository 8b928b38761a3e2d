#include "core/base/words.h"
#include "core/record/dkim_record.h"
#include "core/verify/dkim_check.h"
#include "core/verify/visibility.h"

/* What one server's answer is worth. */
struct opinion {
	enum verdict_state state;
	const char *explanation;
};

static bool is_cname(const struct requirement *requirement)
{
	return strcmp(requirement->type, "CNAME") == 0;
}

static const char *compare_tags(const struct dkim_record *found)
{
	if (!found->for_email)
		return _("the tag s= says that the key is not for e-mail");
	if (!found->sha256)
		return _("the tag h= forbids SHA-256");
	return NULL;
}

static struct opinion compare_key(const struct dkim_record *wanted, const struct dkim_record *found)
{
	const char *algorithm = wanted->type == DKIM_ED25519 ? "ed25519-sha256" : "rsa-sha256";
	const char *fault = compare_tags(found);

	if (wanted->revoked && found->revoked)
		return (struct opinion){ VERDICT_MATCH,
			                 _("the key is withdrawn, as it should be") };
	if (wanted->revoked)
		return (struct opinion){ VERDICT_CONFLICT,
			                 _("the key should be withdrawn (empty p=)") };
	if (found->revoked)
		return (struct opinion){
			VERDICT_CONFLICT,
			_("the record says that the key is withdrawn (empty p=)"),
		};
	if (!dkim_record_same_key(found, algorithm, wanted->key, wanted->key_size))
		return (struct opinion){ VERDICT_CONFLICT, _("another key is published here") };
	if (fault)
		return (struct opinion){ VERDICT_CONFLICT, fault };
	return (struct opinion){ VERDICT_MATCH,
		                 found->testing ? _("the key is there, marked as a test (t=y)")
		                                : "" };
}

/* What should stand there, as a text and as a value. */
struct wanted {
	const char *text;
	struct dkim_record record;
};

/* To the letter what was wanted need not be read again. */
static bool read_found(struct arena *arena, const struct wanted *wanted,
                       const struct dns_record *text, struct dkim_record *found, struct err *err)
{
	if (text->text_length == strlen(wanted->text)
	    && memcmp(text->text, wanted->text, text->text_length) == 0) {
		*found = wanted->record;
		return true;
	}
	return dkim_record_parse(arena, text->text, text->text_length, found, err);
}

static struct opinion judge(struct arena *arena, const struct wanted *wanted,
                            const struct dns_answer *answer)
{
	struct dkim_record found = { 0 };
	struct err err = { 0 };

	if (answer->outcome != DNS_FOUND && wanted->record.revoked)
		return (struct opinion){ VERDICT_MATCH, _("the key is no longer published") };
	if (answer->outcome != DNS_FOUND && answer->chain_length > 0)
		return (struct opinion){ VERDICT_MISSING,
			                 arena_print(arena,
			                             _("the CNAME leads to %s, which has no "
			                               "TXT record"),
			                             answer->last_name) };
	if (answer->outcome != DNS_FOUND)
		return (struct opinion){ VERDICT_MISSING, _("nothing is published at this name") };
	if (answer->record_count > 1)
		return (struct opinion){
			VERDICT_CONFLICT,
			arena_print(arena, _("%zu TXT records stand here; only one may"),
			            answer->record_count),
		};
	if (!read_found(arena, wanted, &answer->records[0], &found, &err))
		return (struct opinion){ VERDICT_CONFLICT,
			                 arena_print(arena, _("this is not a DKIM record: %s"),
			                             err.text) };
	return compare_key(&wanted->record, &found);
}

/* Every server's opinion; they may differ while a change is under way. */
static void judge_all(struct inquiry *inquiry, const struct wanted *wanted,
                      const struct authority *authority, struct verdict *verdict)
{
	struct arena *arena = inquiry_arena(inquiry);
	size_t matching = 0;
	size_t definite = 0;
	struct opinion worst = { VERDICT_MATCH, "" };
	const char *where = "";

	for (size_t i = 0; i < authority->count; i++) {
		struct opinion opinion;

		if (!dns_message_definite(authority->answers[i].answer))
			continue;
		opinion = judge(arena, wanted, authority->answers[i].answer);
		definite++;
		matching += opinion.state == VERDICT_MATCH;
		if (definite == 1
		    || (worst.state == VERDICT_MATCH && opinion.state != VERDICT_MATCH)) {
			worst = opinion;
			where = authority->answers[i].name;
		}
	}
	verdict->shown_otherwise = matching < definite;
	verdict->state = worst.state;
	verdict->explanation = worst.explanation;
	if (matching > 0 && matching < definite) {
		verdict_split(verdict, inquiry, authority,
		              arena_print(arena,
		                          _("%zu of %zu name server addresses show the key; "
		                            "%s: %s"),
		                          matching, definite, where, worst.explanation));
	} else if (matching > 0 && authority->state == AUTHORITY_SILENT) {
		verdict->state = VERDICT_UNKNOWN;
		verdict->explanation = arena_print(arena, _("the others show the key; %s"),
		                                   authority->problem);
	}
	verdict->shown_everywhere = matching > 0 && verdict->state == VERDICT_MATCH;
}

/* The pointer is what the customer owes; what it points to is ours. */
static void judge_pointer(struct arena *arena, const struct authority *authority,
                          struct verdict *verdict)
{
	const char *wanted = verdict->requirement->value;
	bool pointed = authority->chain_length > 0 && strcmp(authority->chain[0], wanted) == 0;

	if (authority->chain_length > 0)
		verdict->found = authority->chain[0];
	if (verdict->state != VERDICT_MATCH && verdict->state != VERDICT_UNKNOWN
	    && verdict->state != VERDICT_PROPAGATING && pointed) {
		verdict->state = VERDICT_MATCH;
		verdict->explanation = arena_print(arena,
		                                   _("the CNAME is right; where it leads: %s"),
		                                   verdict->explanation);
	} else if (verdict->state != VERDICT_MATCH && authority->chain_length > 0 && !pointed) {
		verdict->state = VERDICT_CONFLICT;
		verdict->explanation = arena_print(arena, _("the CNAME leads to %s"),
		                                   authority->chain[0]);
	}
}

/* The key that is wanted, and memory for reading others. */
struct wanting {
	struct arena *arena;
	const struct wanted *wanted;
};

static bool shows_key(const void *context, const struct dns_answer *answer)
{
	const struct wanting *wanting = context;

	return judge(wanting->arena, wanting->wanted, answer).state == VERDICT_MATCH;
}

/* A key that resolvers fail to bring is not everywhere: the wait before signing
 * neither goes on nor begins anew. */
static bool ask_resolvers(struct inquiry *inquiry, const struct wanted *wanted,
                          struct verdict *verdict)
{
	const struct wanting wanting = { inquiry_arena(inquiry), wanted };

	if (!visibility_check(inquiry, verdict->requirement->name, shows_key, &wanting, verdict))
		return false;
	verdict->shown_everywhere = verdict->state != VERDICT_UNKNOWN;
	return true;
}

/* Some of the customer's servers lead there, be it that others do not yet. */
static bool some_point(const struct authority *authority, const char *wanted)
{
	for (size_t i = 0; i < authority->count; i++) {
		const struct dns_answer *answer = authority->answers[i].answer;

		if (answer->chain_length > 0 && strcmp(answer->chain[0], wanted) == 0)
			return true;
	}
	return false;
}

bool dkim_check_pointer(struct inquiry *inquiry, struct verdict *verdict)
{
	struct arena *arena = inquiry_arena(inquiry);
	struct authority authority;

	if (!authority_ask(inquiry, verdict->requirement->name, DNS_TXT, &authority))
		return false;
	verdict_observe(verdict, &authority);
	if (authority.state == AUTHORITY_UNKNOWN) {
		verdict_could_not_tell(verdict, &authority);
		return true;
	}
	verdict->found = verdict_show_answer(arena, authority.answer);
	verdict->state = VERDICT_MISSING;
	verdict->explanation = _("nothing is published at this name");
	judge_pointer(arena, &authority, verdict);
	if (verdict->state == VERDICT_MATCH)
		verdict->explanation = _("it leads to the place of a later key");
	if (authority.state == AUTHORITY_SPLIT
	    && some_point(&authority, verdict->requirement->value))
		verdict_split(verdict, inquiry, &authority, NULL);
	return true;
}

bool dkim_check(struct inquiry *inquiry, const struct requirement *record, struct verdict *verdict)
{
	const struct requirement *requirement = verdict->requirement;
	struct arena *arena = inquiry_arena(inquiry);
	struct wanted wanted = { .text = record->value };
	struct authority authority;
	struct err err = { 0 };

	if (!authority_ask(inquiry, requirement->name, DNS_TXT, &authority))
		return false;
	if (!dkim_record_parse(arena, wanted.text, strlen(wanted.text), &wanted.record, &err)) {
		verdict->explanation = arena_copy(arena, err.text);
		return true;
	}
	verdict_observe(verdict, &authority);
	verdict->found = verdict_show_answer(arena, authority.answer);
	if (authority.state == AUTHORITY_UNKNOWN) {
		verdict_could_not_tell(verdict, &authority);
		return true;
	}
	judge_all(inquiry, &wanted, &authority, verdict);
	if (is_cname(requirement))
		judge_pointer(arena, &authority, verdict);
	if (verdict->state == VERDICT_MATCH && verdict->shown_everywhere && !wanted.record.revoked)
		return ask_resolvers(inquiry, &wanted, verdict);
	return true;
}
