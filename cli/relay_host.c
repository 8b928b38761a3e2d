#include "cli/relay_host.h"

#include <string.h>
#include <unistd.h>

#include "core/base/words.h"
#include "core/model/event.h"

const char *relay_host_root(struct session *session, const char *relay)
{
	const char *slash = strrchr(relay, '/');
	const char *base = geteuid() == 0 && !session->conf->state_chosen ? "/var/lib/senderctl"
	                                                                  : session->conf->state;

	if (session->conf->relay.root != NULL)
		return session->conf->relay.root;
	return arena_print(&session->arena, "%s/relay/%s", base, slash != NULL ? slash + 1 : relay);
}

bool relay_host_install(struct session *session, const char *folder, const char *root,
                        bool no_reload, struct install_report *report, struct err *err)
{
	const struct install_wish wish = {
		.folder    = folder,
		.root      = root,
		.identity  = session->conf->relay.identity,
		.signer    = session->conf->relay.signer,
		.reload    = session->conf->relay.reload,
		.no_reload = no_reload,
	};

	return install_run(&session->arena, &wish, report, err);
}

bool relay_host_ack(struct session *session, const struct generation_relay *relay,
                    long long number, struct err *err)
{
	struct tree *detail = tree_map();
	const struct event event = {
		.provider_id = relay->provider_id,
		.subject     = arena_print(&session->arena, "relay %s", relay->full_name),
		.what        = "generation.ack",
		.detail      = detail,
	};

	tree_put_number(detail, "generation", number);
	bool ok = db_begin(session->db, DB_WRITE, err)
	          && generation_ack(session->db, &session->arena, relay, number, err)
	          && event_add(session->db, &event, err) && db_commit(session->db, err);
	tree_drop(detail);
	if (!ok)
		db_rollback(session->db);
	return ok;
}
