#include "core/export/apply.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "core/base/words.h"
#include "keys/hex.h"

/* Nothing before the number may vary in length: it is written twice, once
 * before anyone knows it. */
static void first_line(struct text *text, const char *comment, const struct view *view)
{
	text_addf(text, "%swritten by senderctl: relay %s, generation %08lld\n", comment,
	          view->relay->full_name, view->number);
}

static const char *path_of(struct apply *apply, const char *name)
{
	return arena_print(apply->arena, "%s/%s", apply->folder, name);
}

static bool make_folder_of(struct apply *apply, const char *name, struct err *err)
{
	char *path = arena_print(apply->arena, "%s/%s", apply->folder, name);

	*strrchr(path, '/') = '\0';
	return file_folder(path, 0755, err);
}

/* The body of one artifact, past the digests and into its file if it has one. */
static bool render_body(struct apply *apply, struct apply_file *file, bool keep, struct err *err)
{
	struct digest *digest = digest_take();
	struct outlet out = { .digest = digest, .file = keep ? &file->file : NULL };
	bool ok = file->artifact->render(apply->view, &out, err) && outlet_flush(&out, err);
	file->size = out.size;
	file->rows = out.rows;
	outlet_drop(&out);
	digest_end(digest, file->digest);
	return ok || err_within(err, "%s", file->artifact->path);
}

static bool write_first_line(struct apply *apply, struct apply_file *file, bool again,
                             struct err *err)
{
	struct text line = { 0 };

	first_line(&line, file->artifact->comment, apply->view);
	bool ok = again ? pwrite(file->file.fd, line.data, line.length, 0) == (ssize_t)line.length
	                          || err_errno(err, _("cannot write %s"), file->file.path)
	                : file_new_add(&file->file, line.data, line.length, err);
	text_free(&line);
	return ok;
}

/* Tables are written while their number is not known; it is put in afterwards. */
static bool write_artifact(struct apply *apply, const struct artifact *artifact, struct err *err)
{
	struct apply_file *file = &apply->files[apply->count];

	if (apply->count == APPLY_FILES)
		return err_set(err, ERR_SYSTEM, "too many artifacts");
	file->artifact = artifact;
	if (artifact->pinned) {
		apply->count++;
		return render_body(apply, file, false, err);
	}
	if (!make_folder_of(apply, artifact->path, err)
	    || !file_new_open(&file->file, path_of(apply, artifact->path), artifact->mode, err))
		return false;
	apply->count++;
	return write_first_line(apply, file, false, err) && render_body(apply, file, true, err);
}

/* The manifest goes into an unnamed file that the key service reads. */
static bool write_manifest(struct apply *apply, struct digest *content, struct err *err)
{
	struct file_new file = { .fd = apply->manifest };
	struct outlet out = { .file = &file, .digest = content };
	bool ok = true;

	for (const struct target *const *target = targets; ok && *target != NULL; target++)
		if ((*target)->wanted(apply->view) && (*target)->manifest != NULL)
			ok = (*target)->manifest(apply->view, &out, err);
	ok = ok && outlet_flush(&out, err);
	apply->secrets = (long long)out.rows;
	outlet_drop(&out);
	return ok;
}

static bool manifest_open(struct apply *apply, struct err *err)
{
	apply->manifest = memfd_create("manifest", MFD_CLOEXEC);
	return apply->manifest >= 0 || err_errno(err, _("cannot make a file in memory"));
}

static bool served(const struct serving_domain *domain, void *context, struct err *err)
{
	struct apply *apply = context;
	const struct view *view = apply->view;

	UNUSED(err);
	generation_list_add(&apply->generation.domains, domain->id);
	if (domain->rsa_key != 0 && target_opendkim_signs(view, "rsa-sha256"))
		generation_list_add(&apply->generation.active, domain->rsa_key);
	if (domain->ed_key != 0 && target_opendkim_signs(view, "ed25519-sha256"))
		generation_list_add(&apply->generation.active, domain->ed_key);
	return true;
}

static bool held(const struct serving_key *key, void *context, struct err *err)
{
	struct apply *apply = context;

	UNUSED(err);
	if (target_opendkim_signs(apply->view, key->algorithm))
		generation_list_add(&apply->generation.staged, key->id);
	return true;
}

/* Everything but the numbers, in a fixed order. */
static void digest_content(struct apply *apply, struct digest *content)
{
	for (size_t i = 0; i < apply->count; i++) {
		const struct apply_file *file = &apply->files[i];
		struct text head = { 0 };
		text_addf(&head, "%s %04o", file->artifact->path, file->artifact->mode);
		digest_add_text(content, text_string(&head));
		digest_add(content, file->digest, sizeof file->digest);
		text_free(&head);
	}
	digest_add_text(content, apply->view->root);
	digest_add_text(content, "manifest");
}

static bool decide_number(struct apply *apply, struct err *err)
{
	const struct generation_relay *relay = apply->view->relay;
	struct generation *generation = &apply->generation;
	struct digest *content = digest_take();

	digest_content(apply, content);
	bool ok = manifest_open(apply, err) && write_manifest(apply, content, err);
	digest_end(content, generation->digest);
	if (!ok)
		return false;
	(void)close(apply->manifest);
	apply->manifest = -1;
	apply->changed =
		relay->last == 0
		|| memcmp(generation->digest, relay->last_digest, sizeof relay->last_digest) != 0;
	generation->number = apply->changed ? relay->last + 1 : relay->last;
	return true;
}

/* Now that the number is known: first lines, the pinned ones, the manifest. */
static bool number_files(struct apply *apply, struct err *err)
{
	for (size_t i = 0; i < apply->count; i++) {
		struct apply_file *file = &apply->files[i];
		if (!file->artifact->pinned) {
			if (!write_first_line(apply, file, true, err))
				return false;
			continue;
		}
		if (!make_folder_of(apply, file->artifact->path, err)
		    || !file_new_open(&file->file, path_of(apply, file->artifact->path),
		                      file->artifact->mode, err)
		    || !write_first_line(apply, file, false, err)
		    || !render_body(apply, file, true, err))
			return false;
	}
	return manifest_open(apply, err) && write_manifest(apply, NULL, err)
	       && (lseek(apply->manifest, 0, SEEK_SET) == 0
	           || err_errno(err, _("cannot read back a file in memory")));
}

static bool render_all(struct apply *apply, struct err *err)
{
	for (const struct target *const *target = targets; *target != NULL; target++)
		for (size_t i = 0; (*target)->wanted(apply->view) && i < (*target)->artifact_count;
		     i++)
			if (!write_artifact(apply, &(*target)->artifacts[i], err))
				return false;
	return true;
}

bool apply_open(struct apply *apply, struct view *view, struct arena *arena, const char *folder,
                struct err *err)
{
	*apply = (struct apply){ .folder = folder, .view = view, .arena = arena, .manifest = -1 };
	view->number = 0;
	if (!file_folder(folder, 0755, err) || !render_all(apply, err)
	    || !decide_number(apply, err))
		return false;
	view->number = apply->generation.number;
	for (size_t i = 0; i < apply->count; i++)
		if (strcmp(apply->files[i].artifact->path, "postfix/sender_login") == 0)
			apply->generation.senders = (long long)apply->files[i].rows;
	return number_files(apply, err) && view_domains(view, served, apply, err)
	       && view_keys(view, held, apply, err);
}

static void list_files(struct apply *apply, struct text *text)
{
	for (size_t i = 0; i < apply->count; i++) {
		const struct apply_file *file = &apply->files[i];
		char hex[DIGEST_TEXT];
		hex_render(file->digest, sizeof file->digest, hex);
		text_addf(text, "file %04o %llu %s %s\n", file->artifact->mode, file->size, hex,
		          file->artifact->path);
	}
}

bool apply_commit(struct apply *apply, const char *uuid, struct err *err)
{
	const struct generation_relay *relay = apply->view->relay;
	struct text text = { 0 };
	char hex[DIGEST_TEXT];
	bool ok = true;

	for (size_t i = 0; ok && i < apply->count; i++)
		ok = file_new_commit(&apply->files[i].file, err);
	hex_render(apply->generation.digest, sizeof apply->generation.digest, hex);
	first_line(&text, "# ", apply->view);
	text_addf(&text, "relay %s %s\ngeneration %lld %s\ndigest %s\nroot %s\n", relay->full_name,
	          relay->uuid, apply->generation.number, uuid, hex, apply->view->root);
	list_files(apply, &text);
	struct digest *digest = digest_take();
	digest_add(digest, text.data, text.length);
	digest_end(digest, apply->tree);
	ok = ok && file_write(path_of(apply, "GENERATION"), 0644, text.data, text.length, err);
	text_free(&text);
	return ok;
}

void apply_close(struct apply *apply)
{
	for (size_t i = 0; i < apply->count; i++)
		file_new_drop(&apply->files[i].file);
	if (apply->folder != NULL && apply->manifest >= 0)
		(void)close(apply->manifest);
	generation_list_drop(&apply->generation.domains);
	generation_list_drop(&apply->generation.staged);
	generation_list_drop(&apply->generation.active);
	*apply = (struct apply){ .manifest = -1 };
}
