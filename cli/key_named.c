#include "cli/key_named.h"

#include "core/base/words.h"
#include "core/model/scope.h"

bool key_named_filter(struct session *session, const char *word, struct dkim_key_filter *filter,
                      struct err *err)
{
	struct scope scope;

	if (word == NULL)
		return true;
	if (!scope_find(session->db, &session->arena, word, &scope, err))
		return false;
	filter->provider_id = scope.provider_id;
	filter->domain = scope.domain;
	if (scope.domain == NULL)
		filter->client = scope.client;
	return true;
}

bool key_named_find(struct session *session, const char *domain, const char *selector,
                    struct dkim_key *key, struct err *err)
{
	struct dkim_key_filter filter = { .selector = selector };
	struct dkim_key *keys = NULL;
	size_t count = 0;

	if (!key_named_filter(session, domain, &filter, err))
		return false;
	if (filter.domain == NULL)
		return err_set(err, ERR_USAGE, _("\"%s\" is not a domain"), domain);
	if (!dkim_key_list(session->db, &session->arena, &filter, &keys, &count, err))
		return false;
	if (count == 0) {
		(void)err_set(err, ERR_NOT_FOUND, _("%s has no key %s"), domain, selector);
		return err_hint(err, _("senderctl key list %s"), domain);
	}
	*key = keys[count - 1];
	return true;
}
