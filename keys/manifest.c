#include "keys/manifest.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sodium.h>

#include "core/base/words.h"

enum { FIELDS = 7, ENTRIES = 1000000 };

bool manifest_open(struct manifest *manifest, int fd, struct err *err)
{
	struct stat is;
	int own;

	*manifest = (struct manifest){ 0 };
	/* anything but a file could keep us waiting for ever */
	if (fstat(fd, &is) != 0 || !S_ISREG(is.st_mode))
		return err_set(err, ERR_INPUT, _("a manifest must be a file"));
	own = dup(fd);
	if (own < 0 || lseek(own, 0, SEEK_SET) != 0
	    || (manifest->stream = fdopen(own, "r")) == NULL) {
		(void)err_errno(err, _("cannot read the manifest"));
		if (own >= 0)
			(void)close(own);
		return false;
	}
	return true;
}

void manifest_drop(struct manifest *manifest)
{
	if (manifest->stream != NULL)
		(void)fclose(manifest->stream);
	free(manifest->line);
	*manifest = (struct manifest){ 0 };
}

static bool wrong(const struct manifest *manifest, const char *what, struct err *err)
{
	return err_set(err, ERR_INPUT, _("line %d of the manifest: %s"), manifest->number, what);
}

/* In place: \t \n \\ become what they stand for. */
static bool unescape(char *text)
{
	char *to = text;

	for (const char *p = text; *p != '\0'; p++) {
		if (*p != '\\') {
			*to++ = *p;
			continue;
		}
		p++;
		if (*p != 't' && *p != 'n' && *p != '\\')
			return false;
		*to++ = (char)(*p == 't' ? '\t' : *p == 'n' ? '\n' : '\\');
	}
	*to = '\0';
	return true;
}

static size_t split(char *line, char *fields[static FIELDS])
{
	size_t count = 0;

	for (char *p = line; p != NULL && count < FIELDS;) {
		fields[count++] = p;
		/* the last field may hold anything but a newline */
		char *tab = count < FIELDS ? strchr(p, '\t') : NULL;
		if (tab != NULL)
			*tab++ = '\0';
		p = tab;
	}
	return count;
}

static bool parse_mode(const char *text, uint32_t *mode)
{
	static const struct {
		const char *text;
		uint32_t mode;
	} modes[] = { { "0600", 0600 }, { "0640", 0640 }, { "0440", 0440 }, { "0400", 0400 } };

	for (size_t i = 0; i < LENGTH(modes); i++) {
		if (strcmp(modes[i].text, text) == 0) {
			*mode = modes[i].mode;
			return true;
		}
	}
	return false;
}

/* Which formats make sense for what. */
static bool fits(enum bundle_kind kind, enum bundle_format format)
{
	if (kind == BUNDLE_KEY)
		return format == BUNDLE_PEM || format == BUNDLE_RSPAMD;
	if (kind == BUNDLE_PASSWORD)
		return format == BUNDLE_RAW || format == BUNDLE_LINE;
	return format == BUNDLE_LINE;
}

static bool parse_line(const struct manifest *manifest, char *text, struct manifest_line *line,
                       struct err *err)
{
	char *fields[FIELDS] = { 0 };
	size_t count = split(text, fields);
	struct bundle_entry *entry = &line->entry;

	*line = (struct manifest_line){ .uuid = { { 0 } } };
	if (count < 6)
		return wrong(manifest, _("six or seven fields, separated by TAB, are expected"),
		             err);
	entry->kind = strcmp(fields[0], "key") == 0         ? BUNDLE_KEY
	              : strcmp(fields[0], "smarthost") == 0 ? BUNDLE_PASSWORD
	              : strcmp(fields[0], "text") == 0      ? BUNDLE_TEXT
	                                                    : (enum bundle_kind)0;
	entry->format = bundle_format_find(fields[3]);
	entry->owner = bundle_owner_find(fields[4]);
	if (entry->kind == 0 || entry->format == 0 || entry->owner == 0
	    || !fits(entry->kind, entry->format))
		return wrong(manifest,
		             _("an unknown word, or one that does not go with the others"), err);
	if (entry->kind != BUNDLE_TEXT && !uuid_parse(fields[1], &line->uuid, err))
		return err_within(err, _("line %d of the manifest"), manifest->number);
	if (!bundle_path_ok(fields[2], err))
		return err_within(err, _("line %d of the manifest"), manifest->number);
	(void)snprintf(entry->path, sizeof entry->path, "%s", fields[2]);
	if (!parse_mode(fields[5], &entry->mode))
		return wrong(manifest, _("a mode is 0600, 0640, 0440 or 0400"), err);
	if (count == FIELDS) {
		if (strlen(fields[6]) >= sizeof entry->prefix || !unescape(fields[6]))
			return wrong(manifest, _("a prefix is too long or wrongly escaped"), err);
		(void)snprintf(entry->prefix, sizeof entry->prefix, "%s", fields[6]);
	}
	return true;
}

bool manifest_next(struct manifest *manifest, struct manifest_line *line, bool *end,
                   struct err *err)
{
	ssize_t length = getline(&manifest->line, &manifest->room, manifest->stream);

	*end = length < 0;
	if (*end)
		return feof(manifest->stream) != 0 || err_errno(err, _("cannot read the manifest"));
	manifest->number++;
	if (length == 0 || manifest->line[length - 1] != '\n'
	    || strlen(manifest->line) != (size_t)length)
		return wrong(manifest, _("it does not end in a newline, or holds a NUL"), err);
	manifest->line[length - 1] = '\0';
	return parse_line(manifest, manifest->line, line, err);
}

bool manifest_count(int fd, uint32_t *entries, uint8_t digest[static 32], struct err *err)
{
	struct manifest manifest = { 0 };
	struct manifest_line *line = malloc(sizeof *line);
	crypto_generichash_state state;
	unsigned char bytes[4096];
	bool end = false;
	bool ok = false;
	ssize_t got;

	*entries = 0;
	if (line == NULL) {
		(void)err_set(err, ERR_SYSTEM, _("out of memory"));
		goto out;
	}
	if (!manifest_open(&manifest, fd, err))
		goto out;
	while (!end) {
		if (!manifest_next(&manifest, line, &end, err))
			goto out;
		if (!end && ++*entries > ENTRIES) {
			(void)wrong(&manifest, _("too many entries"), err);
			goto out;
		}
	}
	(void)crypto_generichash_init(&state, NULL, 0, 32);
	if (lseek(fd, 0, SEEK_SET) != 0) {
		(void)err_errno(err, _("cannot read the manifest"));
		goto out;
	}
	while ((got = read(fd, bytes, sizeof bytes)) > 0)
		(void)crypto_generichash_update(&state, bytes, (size_t)got);
	(void)crypto_generichash_final(&state, digest, 32);
	ok = got == 0 || err_errno(err, _("cannot read the manifest"));
out:
	manifest_drop(&manifest);
	free(line);
	return ok;
}
