#include "cli/dns_ask.h"

#include <stdlib.h>

#include "core/base/words.h"
#include "core/verify/inquiry.h"
#include "core/verify/resolver.h"

struct dns_ask {
	struct ask ask;
	struct resolver *resolver;
};

struct question {
	const char *name;
	const struct dns_answer *answer;
};

static bool question_step(struct inquiry *inquiry, void *context)
{
	struct question *question = context;

	question->answer = inquiry_ask(inquiry, question->name, DNS_TXT);
	return question->answer != NULL;
}

static void answer_take(struct arena *arena, const struct dns_answer *from,
                        struct ask_answer *answer)
{
	*answer = (struct ask_answer){ .state = ASK_NONE };
	if (from->outcome == DNS_IMPOSSIBLE)
		return;
	if (!dns_message_definite(from)) {
		answer->state = ASK_UNKNOWN;
		answer->why = dns_message_outcome_sentence(from->outcome);
		return;
	}
	if (from->record_count == 0)
		return;
	answer->state = ASK_FOUND;
	answer->count = from->record_count;
	answer->texts = arena_take(arena, from->record_count * sizeof *answer->texts);
	for (size_t i = 0; i < from->record_count; i++)
		answer->texts[i] = (struct spf_text){
			arena_copy_part(arena, from->records[i].text, from->records[i].text_length),
			from->records[i].text_length };
}

static bool ask_txt(void *context, struct arena *arena, const char *name,
                    struct ask_answer *answer, struct err *err)
{
	struct dns_ask *dns = context;
	struct question question = { .name = name };
	struct inquiry_job job = { .step = question_step, .context = &question };

	UNUSED(err);
	*answer = (struct ask_answer){ .state = ASK_UNKNOWN, .why = _("no answer") };
	inquiry_run(dns->resolver, &job, 1, 1, NULL, NULL);
	if (question.answer != NULL)
		answer_take(arena, question.answer, answer);
	inquiry_close(job.inquiry);
	return true;
}

static bool settings_of(const struct session *session, struct resolver_settings *settings,
                        struct err *err)
{
	const struct globals *options = session->options;
	bool named = options->resolvers.count > 0;

	*settings = (struct resolver_settings){
		.servers = named ? options->resolvers.items : session->conf->resolvers,
		.server_count = named ? options->resolvers.count : session->conf->resolver_count,
		.timeout = session->conf->dns_timeout,
		.authoritative_port = session->conf->authoritative_port,
	};
	if (options->dns_timeout != NULL) {
		char *end;
		settings->timeout = strtod(options->dns_timeout, &end);
		if (*end != '\0' || !(settings->timeout > 0 && settings->timeout <= 600))
			return err_set(err, ERR_USAGE,
			               _("--dns-timeout: \"%s\" is no number of seconds"),
			               options->dns_timeout);
	}
	return true;
}

bool dns_ask_open(struct session *session, bool wanted, struct dns_ask **dns, struct err *err)
{
	struct resolver_settings settings;

	*dns = NULL;
	if (!wanted && session->options->resolvers.count == 0)
		return true;
	if (!settings_of(session, &settings, err))
		return false;
	struct dns_ask *opened = arena_take(&session->arena, sizeof *opened);
	if (!resolver_open(&opened->resolver, &settings, err))
		return false;
	opened->ask = (struct ask){ .txt = ask_txt, .context = opened };
	*dns = opened;
	return true;
}

const struct ask *dns_ask_function(const struct dns_ask *dns)
{
	return dns != NULL ? &dns->ask : NULL;
}

void dns_ask_close(struct dns_ask *dns)
{
	if (dns != NULL)
		resolver_close(dns->resolver);
}
