#include "cli/asking.h"

#include "core/base/words.h"

static bool read_timeout(const struct session *session, double *seconds, struct err *err)
{
	const char *text = session->options->dns_timeout;
	char *end = NULL;

	*seconds = session->conf->dns_timeout;
	if (!text)
		return true;
	*seconds = strtod(text, &end);
	if (end == text || *end != '\0' || !(*seconds > 0) || *seconds > 300)
		return err_set(err, ERR_USAGE,
		               _("--dns-timeout takes seconds, for example 2.5, not \"%s\""), text);
	return true;
}

bool asking_settings(const struct session *session, struct resolver_settings *settings,
                     struct err *err)
{
	const struct option_list *named = &session->options->resolvers;

	*settings = (struct resolver_settings){
		.servers = named->count > 0 ? named->items : session->conf->resolvers,
		.server_count = named->count > 0 ? named->count : session->conf->resolver_count,
		.authoritative_port = session->conf->authoritative_port,
		.rate = session->conf->dns_rate,
		.per_server = (size_t)session->conf->dns_per_server,
	};
	return read_timeout(session, &settings->timeout, err);
}

bool asking_open_with(const struct resolver_settings *settings, struct asking *asking,
                      struct err *err)
{
	*asking = (struct asking){ 0 };
	if (spf_worker_open(&asking->worker, err)
	    && resolver_open(&asking->resolver, settings, err))
		return true;
	asking_close(asking);
	return false;
}

bool asking_open(struct session *session, struct asking *asking, struct err *err)
{
	struct resolver_settings settings;

	*asking = (struct asking){ 0 };
	return asking_settings(session, &settings, err) && asking_open_with(&settings, asking, err);
}

void asking_close(struct asking *asking)
{
	resolver_close(asking->resolver);
	spf_worker_close(asking->worker);
	*asking = (struct asking){ 0 };
}
