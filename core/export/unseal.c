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

/* "word value" lines. */
static const char *value_of(struct arena *arena, const char *said, const char *word)
{
	size_t length = strlen(word);

	while (*said != '\0') {
		if (strncmp(said, word, length) == 0 && said[length] == ' ')
			return arena_copy_part(arena, said + length + 1,
			                       strcspn(said + length + 1, "\n"));
		said += strcspn(said, "\n");
		said += *said == '\n';
	}
	return NULL;
}

bool unseal_identity(struct arena *arena, const char *file, const char **identity,
                     const char **fingerprint, bool *made, struct err *err)
{
	struct tool_result result;
	char *folder = arena_copy(arena, file);
	char *slash = strrchr(folder, '/');

	*made = !file_exists(file);
	if (slash == NULL || slash == folder)
		return err_set(err, ERR_INPUT, _("%s cannot hold an identity"), file);
	*slash = '\0';
	if (*made && !file_folder(folder, 0700, err))
		return false;
	const char *const argv[] = { program(arena), *made ? "keygen" : "show", "--identity", file,
		                     NULL };
	if (!tool_run(argv, -1, -1, &result, err))
		return false;
	const char *said = text_string(&result.said);
	bool ok = result.status == 0;
	if (ok) {
		*identity = value_of(arena, said, "identity");
		*fingerprint = value_of(arena, said, "fingerprint");
		ok = *identity != NULL && *fingerprint != NULL;
	}
	if (!ok)
		(void)err_set(err, ERR_REFUSED, "%.*s", (int)strcspn(said, "\n"), said);
	tool_drop(&result);
	return ok;
}

bool unseal_run(struct arena *arena, const struct unseal_wish *wish, struct err *err)
{
	char tree[DIGEST_TEXT];

	if (!file_exists(wish->bundle)) {
		(void)err_set(err, ERR_NOT_FOUND, _("there is no bundle %s"), wish->bundle);
		return err_hint(err, _("a folder made by \"senderctl export --output\" has one"));
	}
	if (wish->identity == NULL || !file_exists(wish->identity)) {
		(void)err_set(err, ERR_NOT_FOUND, _("this relay has no identity at %s"),
		              wish->identity != NULL ? wish->identity : "?");
		return err_hint(
			err,
			_("\"senderctl relay keygen\" makes it; then \"senderctl relay enrol\" "
		          "where the registry is"));
	}
	if (wish->signer == NULL) {
		(void)err_set(err, ERR_INPUT,
		              _("this relay does not know who may send it bundles"));
		return err_hint(
			err,
			_("put the line \"sks1:...\" of \"senderctl relay enrol\" into a file, and "
		          "its name into relay { signer = }"));
	}
	hex_render(wish->plan->tree, sizeof wish->plan->tree, tree);
	const char *state = arena_print(arena, "%s/.bundle", wish->root);
	const char *const argv[] = {
		program(arena),
		"install",
		"--identity",
		wish->identity,
		"--signer",
		wish->signer,
		"--bundle",
		wish->bundle,
		"--relay",
		wish->plan->relay_uuid,
		"--tree",
		tree,
		"--state",
		state,
		"--root",
		wish->folder,
		/* only root can give files away; OpenDKIM takes keys that are its own */
		geteuid() == 0 ? "--owner" : NULL,
		"signer=opendkim",
		NULL,
	};
	return tool_must(argv, -1, -1, false, err);
}
