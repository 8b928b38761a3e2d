#include "cli/escrow_talk.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "cli/print.h"
#include "core/base/file.h"
#include "core/base/words.h"
#include "core/model/scope.h"
#include "keys/client.h"

enum { ANSWER_MOST = 128 * 1024 };

bool escrow_talk_provider(struct session *session, const char *name, long long *provider_id,
                          struct err *err)
{
	struct scope scope;
	bool ok = db_begin(session->db, DB_READ, err)
	          && scope_find_provider(session->db, &session->arena, name, &scope, err);

	db_rollback(session->db);
	if (ok)
		*provider_id = scope.provider_id;
	return ok;
}

static void put_officers(struct session *session, struct tree *question, const char *officers)
{
	struct tree *list = tree_list();

	for (const char *p = officers; p != NULL && *p != '\0';) {
		size_t length = strcspn(p, ",");
		tree_push_text(list, arena_copy_part(&session->arena, p, length));
		p += length + (p[length] == ',' ? 1 : 0);
	}
	tree_put(question, "officers", list);
}

static int create(const char *path, struct err *err)
{
	int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	if (fd < 0) {
		(void)err_errno(err, _("cannot create %s"), path);
		if (errno == EEXIST)
			err->code = ERR_CONFLICT;
	}
	return fd;
}

static void say_request(struct session *session, const struct tree *answer, const char *purpose,
                        const char *out)
{
	bool proof = strcmp(purpose, "prove") == 0;

	print_line(session, _("wrote %s, for %lld officers; it is good for a week"), out,
	           tree_as_number(tree_get(answer, "officers"), 0));
	print_line(session, _("fingerprint  %s"), tree_find_text(answer, "fingerprint"));
	print_line(session, _("send the file to them, and read the fingerprint to each by voice; "
	                      "each answers with"));
	print_line(session, "  senderctl-officer %s --identity FILE --request %s --out NAME.ska",
	           proof ? "prove" : "answer", out);
}

bool escrow_talk_request(struct session *session, long long provider_id, const char *purpose,
                         const char *officers, const char *out, struct err *err)
{
	struct keys_client *keys = NULL;
	struct tree *answer = NULL;
	struct tree *question;

	if (session->options->dry_run) {
		print_line(session, _("would write %s"), out);
		print_json(session, tree_map());
		return true;
	}
	if (!session_keys(session, &keys, err))
		return false;
	int fd = create(out, err);
	if (fd < 0)
		return false;
	question = keys_question("escrow-ask", provider_id);
	tree_put_text(question, "purpose", purpose);
	put_officers(session, question, officers);
	bool ok = keys_ask(keys, question, fd, &answer, err);
	(void)close(fd);
	if (!ok) {
		(void)unlink(out);
		return false;
	}
	say_request(session, answer, purpose, out);
	print_json(session, answer);
	return true;
}

/* All answers into one file without a name. */
static FILE *gather(struct session *session, const struct option_list *files, struct err *err)
{
	FILE *all = tmpfile();
	bool ok = all != NULL || err_errno(err, _("cannot make a file"));

	for (size_t i = 0; ok && i < files->count; i++) {
		char *bytes = NULL;
		size_t size = 0;
		ok = file_read(files->items[i], ANSWER_MOST, &session->arena, &bytes, &size, err)
		     && (fwrite(bytes, 1, size, all) == size
		         || err_errno(err, _("cannot make a file")));
	}
	if (ok && fflush(all) != 0)
		ok = err_errno(err, _("cannot make a file"));
	if (!ok && all != NULL)
		(void)fclose(all);
	return ok ? all : NULL;
}

bool escrow_talk_answers(struct session *session, long long provider_id,
                         const struct option_list *files, struct tree **answer, struct err *err)
{
	struct keys_client *keys = NULL;
	FILE *all = gather(session, files, err);

	if (all == NULL)
		return false;
	bool ok = session_keys(session, &keys, err)
	          && keys_ask(keys, keys_question("escrow-answer", provider_id), fileno(all),
	                      answer, err);
	(void)fclose(all);
	return ok;
}

const char *escrow_talk_names(struct session *session, const struct tree *list)
{
	const char *names = "";

	for (size_t i = 0; i < tree_count(list); i++)
		names = arena_print(&session->arena, "%s%s%s", names, i > 0 ? ", " : "",
		                    tree_as_text(tree_at(list, i)));
	return names;
}
