#include "cli/relay_host.h"

#include <string.h>
#include <unistd.h>

#include "core/base/words.h"
#include "core/model/event.h"

/* As root where the system keeps state, else with the user's embedded environment. */
static const char *base(struct session *session)
{
	return geteuid() == 0 && !session->conf->state_chosen ? "/var/lib/senderctl"
	                                                      : session->conf->state;
}

const char *relay_host_root(struct session *session, const char *relay)
{
	const char *slash = strrchr(relay, '/');

	if (session->conf->relay.root != NULL)
		return session->conf->relay.root;
	return arena_print(&session->arena, "%s/relay/%s", base(session),
	                   slash != NULL ? slash + 1 : relay);
}

const char *relay_host_identity(struct session *session)
{
	if (session->conf->relay.identity != NULL)
		return session->conf->relay.identity;
	return arena_print(&session->arena, "%s/relay/identity/key", base(session));
}

bool relay_host_install(struct session *session, const char *folder, const char *root,
                        const char *signer, bool no_reload, struct install_report *report,
                        struct err *err)
{
	const struct install_wish wish = {
		.folder = folder,
		.root = root,
		.identity = relay_host_identity(session),
		.signer = session->conf->relay.signer != NULL ? session->conf->relay.signer
		                                              : signer,
		.reload = session->conf->relay.reload,
		.no_reload = no_reload,
	};

	return install_run(&session->arena, &wish, report, err);
}

bool relay_host_ack(struct session *session, const struct generation_relay *relay, long long number,
                    struct err *err)
{
	struct tree *detail = tree_map();
	const struct event event = {
		.provider_id = relay->provider_id,
		.subject = arena_print(&session->arena, "relay %s", relay->full_name),
		.what = "generation.ack",
		.detail = detail,
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
