#include "core/lifecycle/key_note.h"

#include "core/model/event.h"

bool key_note(struct db *db, const struct dkim_key *key, const char *what, const char *why,
              struct err *err)
{
	struct tree *detail = tree_map();
	const struct event event = { .provider_id = key->provider_id,
		                     .client_id = key->client_id,
		                     .subject = key->domain,
		                     .what = what,
		                     .why = why,
		                     .detail = detail };

	tree_put_text(detail, "selector", key->selector);
	tree_put_text(detail, "algorithm", key->algorithm);
	bool ok = event_add(db, &event, err);
	tree_drop(detail);
	return ok;
}
