#include "core/export/unseal.h"

#include <string.h>
#include <unistd.h>

#include "core/base/file.h"
#include "core/base/words.h"
#include "core/export/install.h"
#include "core/export/tool.h"
#include "keys/hex.h"

/* Beside ourselves when we run from where we were built, else where it was installed. */
static const char *program(struct arena *arena)
{
	char here[1024];
	ssize_t length = readlink("/proc/self/exe", here, sizeof here - 1);

	if (length > 0) {
		here[length] = '\0';
		char *slash = strrchr(here, '/');
		if (slash != NULL)
			*slash = '\0';
		const char *path = arena_print(arena, "%s/senderctl-relay", here);
		if (file_exists(path))
			return path;
	}
	return "senderctl-relay";
}

bool unseal_run(struct arena *arena, const struct unseal_wish *wish, struct err *err)
{
	const char *argv[20] = { program(arena), "install" };
	size_t count = 2;
	char tree[DIGEST_TEXT];

	hex_render(wish->plan->tree, sizeof wish->plan->tree, tree);
	if (wish->identity != NULL) {
		argv[count++] = "--identity";
		argv[count++] = wish->identity;
	}
	if (wish->signer != NULL) {
		argv[count++] = "--signer";
		argv[count++] = wish->signer;
	}
	argv[count++] = "--relay";
	argv[count++] = wish->plan->relay_uuid;
	argv[count++] = "--generation";
	argv[count++] = wish->plan->uuid;
	argv[count++] = "--tree";
	argv[count++] = tree;
	argv[count++] = "--into";
	argv[count++] = wish->folder;
	argv[count++] = wish->bundle;
	if (!file_exists(wish->bundle)) {
		(void)err_set(err, ERR_NOT_FOUND, _("there is no bundle %s"), wish->bundle);
		return err_hint(err, _("a folder made by \"senderctl export --output\" has one"));
	}
	return tool_must(argv, -1, -1, false, err);
}
