#include "core/ops/digest.h"

#include <string.h>

#include "core/base/words.h"
#include "core/ops/consequence.h"
#include "core/record/name.h"

/* A row per kind; %s is what it is about. */
static const struct {
	const char *kind;
	const char *sentence;
	const char *recommended; /* of what is no more than that; NULL: the same */
} kinds[] = {
	{ "lost", N_("lost: %s"), N_("lost, though nothing is withheld for it: %s") },
	{ "recovered", N_("there again: %s"), NULL },
	{ "degraded", N_("withheld from now on: the grace after the loss is over%s"), NULL },
	{ "verified", N_("everything that was agreed on is there%s"), NULL },
	{ "unmet", N_("72 hours after the customer's report something is still missing%s"), NULL },
	{ "certificate", N_("a certificate ends soon: %s"), NULL },
	{ "key-age", N_("a signing key is old: %s"), NULL },
};

static const char *subject_of(const struct change *change, char *room, size_t size)
{
	if (change->purpose == NULL)
		return "";
	(void)snprintf(room, size, "%s %s", change->purpose,
	               change->name != NULL ? change->name : "");
	return room;
}

void digest_sentence(const struct change *change, struct text *out)
{
	bool recommended = tree_get(change->detail, "recommended") != NULL;
	char room[400];

	for (size_t i = 0; i < LENGTH(kinds); i++) {
		if (strcmp(kinds[i].kind, change->kind) != 0)
			continue;
		const char *sentence = _(recommended && kinds[i].recommended != NULL
		                                 ? kinds[i].recommended
		                                 : kinds[i].sentence);
		const char *gap = strstr(sentence, "%s");
		if (gap == NULL)
			gap = sentence + strlen(sentence);
		text_add_bytes(out, sentence, (size_t)(gap - sentence));
		text_add(out, subject_of(change, room, sizeof room));
	}
}

static void add_fact(struct text *out, const char *title, const char *value)
{
	if (value != NULL && value[0] != '\0')
		text_addf(out, "        %s%s%s\n", title, title[0] != '\0' ? " " : "", value);
}

static void add_reason(struct text *out, const struct tree *reason)
{
	const char *explanation = tree_find_text(reason, "explanation");

	text_addf(out, "        %s %s: %s\n", tree_find_text(reason, "purpose"),
	          tree_find_text(reason, "state"), tree_find_text(reason, "name"));
	if (explanation != NULL && explanation[0] != '\0')
		text_addf(out, "            %s\n", explanation);
}

/* What it means, and for whom. */
static void add_consequence(struct text *out, const struct change *change)
{
	const struct tree *senders = tree_get(change->detail, "senders");
	const char *sentence = consequence_of(change);

	if (sentence == NULL)
		return;
	for (size_t i = 0; i < tree_count(senders); i++)
		text_addf(out, "%s%s", i > 0 ? ", " : "        ",
		          tree_as_text(tree_at(senders, i)));
	if (tree_count(senders) > 0)
		text_add(out, ":\n");
	text_addf(out, "        %s\n", sentence);
}

static void add_number(struct text *out, const struct change *change)
{
	const struct tree *days = tree_get(change->detail, "days");
	unsigned long count = (unsigned long)tree_as_number(days, 0);

	if (days == NULL)
		return;
	text_add(out, "        ");
	if (strcmp(change->kind, "certificate") == 0)
		text_addf(out, ngettext("%lu day is left", "%lu days are left", count), count);
	else
		text_addf(out,
		          ngettext("it has signed for %lu day", "it has signed for %lu days",
		                   count),
		          count);
	text_add(out, "\n");
}

static void add_change(struct text *out, const struct change *change)
{
	const struct tree *detail = change->detail;
	const struct tree *reasons = tree_get(detail, "reasons");

	text_add(out, "      ");
	digest_sentence(change, out);
	text_addf(out, "  (%s)\n", change->at);
	add_fact(out, "", tree_find_text(detail, "explanation"));
	if (strcmp(change->kind, "lost") == 0) {
		add_fact(out, _("expected:"), tree_find_text(detail, "expected"));
		add_fact(out, _("found:   "), tree_find_text(detail, "found"));
		add_fact(out, _("without it the sender is withheld from"),
		         tree_find_text(detail, "degrades_at"));
	}
	add_consequence(out, change);
	for (size_t i = 0; i < tree_count(reasons); i++)
		add_reason(out, tree_at(reasons, i));
	add_number(out, change);
}

static void add_counted(const struct channel *channel, const struct change_list *changes,
                        struct text *out)
{
	unsigned long count = (unsigned long)changes->count;

	if (count > 0)
		text_addf(out, ngettext("%lu change", "%lu changes", count), count);
	else
		text_addf(out,
		          ngettext("the one domain as yesterday", "all %lu domains as yesterday",
		                   (unsigned long)channel->domains),
		          (unsigned long)channel->domains);
}

void digest_subject(const struct channel *channel, const struct change_list *changes,
                    struct text *out)
{
	text_addf(out, "[%s] ", channel->provider);
	if (changes->count == 1) {
		struct arena arena = { 0 };
		text_addf(out, "%s: ", name_show(&arena, changes->items[0].domain));
		digest_sentence(&changes->items[0], out);
		arena_reset(&arena);
		return;
	}
	add_counted(channel, changes, out);
}

static bool same(const char *a, const char *b)
{
	return a != NULL && strcmp(a, b) == 0;
}

void digest_body(const struct channel *channel, const struct change_list *changes, struct text *out)
{
	struct arena arena = { 0 };
	const char *client = NULL;
	const char *domain = NULL;

	text_addf(out, "%s: ", channel->provider);
	add_counted(channel, changes, out);
	text_add(out, "\n");
	for (size_t i = 0; i < changes->count; i++) {
		const struct change *change = &changes->items[i];

		if (!same(client, change->client)) {
			text_addf(out, "\n%s\n", change->client);
			domain = NULL;
		}
		if (!same(domain, change->domain))
			text_addf(out, "    %s\n", name_show(&arena, change->domain));
		client = change->client;
		domain = change->domain;
		add_change(out, change);
	}
	arena_reset(&arena);
}
