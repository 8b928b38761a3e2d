#include "keys/master_files.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/conf.h"
#include "core/base/words.h"
#include "keys/secret_file.h"

static const char credential[] = "credential:";

bool master_files_place(struct master_files *files, const char *word, struct err *err)
{
	const char *folder = "";
	const char *name = word;

	*files = (struct master_files){
		.credential = strncmp(word, credential, sizeof credential - 1) == 0
	};
	if (files->credential) {
		folder = conf_environment("CREDENTIALS_DIRECTORY");
		name = word + sizeof credential - 1;
		if (folder == NULL) {
			(void)err_set(err, ERR_USAGE, _("systemd handed over no credentials"));
			return err_hint(err, _("LoadCredential= in the unit names them"));
		}
		if (name[0] == '\0' || strchr(name, '/') != NULL)
			return err_set(err, ERR_USAGE, _("\"%s\" is not the name of a credential"),
			               name);
	}
	int length = snprintf(files->path, sizeof files->path, "%s%s%s", folder,
	                      folder[0] != '\0' ? "/" : "", name);
	return (length > 0 && (size_t)length < sizeof files->path)
	       || err_set(err, ERR_USAGE, _("the name of the master key is too long"));
}

/* ---- what is there ---- */

static bool read_bytes(const struct master_files *files, const char *name, struct secret *bytes,
                       struct err *err)
{
	return files->credential ? secret_file_read_credential(name, MASTER_KEY_FILE, bytes, err)
	                         : secret_file_read(name, MASTER_KEY_FILE, bytes, err);
}

/* One that is not there is fine. */
static bool look_at(struct master_files *files, const char *name, struct err *err)
{
	struct master_file file = { .version = 0 };
	struct master_key_head head;
	struct secret bytes = { 0 };

	if (access(name, F_OK) != 0 && errno == ENOENT)
		return true;
	if (files->count == MASTER_FILES)
		return err_set(err, ERR_CRYPTO, _("more than %d versions of the master key"),
		               MASTER_FILES);
	bool ok = read_bytes(files, name, &bytes, err) && master_key_look(&bytes, name, &head, err);
	secret_drop(&bytes);
	if (!ok)
		return false;
	(void)snprintf(file.name, sizeof file.name, "%s", name);
	file.version = head.version;
	file.locked = head.locked;
	files->files[files->count++] = file;
	return true;
}

/* Is `entry` "BASE.N"? */
static bool is_version_of(const char *entry, const char *base)
{
	size_t length = strlen(base);

	return strncmp(entry, base, length) == 0 && entry[length] == '.' && entry[length + 1] >= '1'
	       && entry[length + 1] <= '9'
	       && strspn(entry + length + 1, "0123456789") == strlen(entry + length + 1)
	       && strlen(entry + length + 1) < 10;
}

bool master_files_look(struct master_files *files, struct err *err)
{
	char folder[MASTER_PATH];
	char name[2 * MASTER_NAME];
	const char *slash = strrchr(files->path, '/');
	const char *base = slash != NULL ? slash + 1 : files->path;
	const struct dirent *entry;

	(void)snprintf(folder, sizeof folder, "%.*s", (int)(base - files->path), files->path);
	files->count = 0;
	if (!look_at(files, files->path, err))
		return false;
	DIR *list = opendir(folder[0] != '\0' ? folder : ".");
	if (list == NULL)
		return err_errno(err, _("cannot open %s"), folder);
	bool ok = true;
	while (ok && (entry = readdir(list)) != NULL) {
		if (!is_version_of(entry->d_name, base))
			continue;
		(void)snprintf(name, sizeof name, "%s%s", folder, entry->d_name);
		ok = look_at(files, name, err);
	}
	(void)closedir(list);
	return ok
	       && (files->count > 0
	           || err_set(err, ERR_NOT_FOUND, _("there is no master key at %s"), files->path));
}

bool master_files_locked(const struct master_files *files)
{
	bool locked = false;

	for (size_t i = 0; i < files->count; i++)
		locked = locked || files->files[i].locked;
	return locked;
}

/* ---- opened ---- */

static bool read_one(const struct master_files *files, const struct master_file *file,
                     const struct secret *passphrase, struct master_key *master, struct err *err)
{
	struct secret bytes = { 0 };
	bool ok = read_bytes(files, file->name, &bytes, err)
	          && master_key_parse(master, &bytes, file->name, passphrase, err);

	secret_drop(&bytes);
	return ok;
}

bool master_files_open(const struct master_files *files, const struct secret *passphrase,
                       struct vault *vault, struct err *err)
{
	bool ok = true;

	*vault = (struct vault){ 0 };
	for (size_t i = 0; ok && i < files->count; i++) {
		struct master_key master = { 0 };
		ok = read_one(files, &files->files[i], passphrase, &master, err)
		     && vault_add_master(vault, &master, err);
		master_key_drop(&master);
	}
	if (!ok)
		vault_close(vault);
	return ok;
}

bool master_files_check(const struct master_files *files, const struct secret *passphrase,
                        struct err *err)
{
	bool ok = true;

	for (size_t i = 0; ok && i < files->count; i++) {
		struct master_key master = { 0 };
		ok = !files->files[i].locked
		     || read_one(files, &files->files[i], passphrase, &master, err);
		master_key_drop(&master);
	}
	return ok;
}

/* ---- one more, one less ---- */

static bool writable(const struct master_files *files, struct err *err)
{
	if (!files->credential)
		return true;
	(void)err_set(err, ERR_REFUSED, _("the master key is a credential of systemd"));
	return err_hint(err, _("\"senderkeyd --next\" makes a successor where the credential comes "
	                       "from; see senderkeyd(8)"));
}

/* What stands in the new file is what we have. */
static bool same_as_written(const struct master_files *files, const struct master_file *file,
                            const struct master_key *master, const struct secret *passphrase,
                            struct err *err)
{
	struct master_key read = { 0 };
	bool ok = read_one(files, file, passphrase, &read, err);
	bool same = ok && secret_same(&read.key, &master->key) && uuid_same(&read.id, &master->id)
	            && read.version == master->version;

	master_key_drop(&read);
	return same || (ok && err_set(err, ERR_CRYPTO, _("%s is damaged"), file->name));
}

bool master_files_add(struct master_files *files, const struct master_key *master,
                      const struct secret *passphrase, struct err *err)
{
	struct master_file file = { .version = master->version, .locked = passphrase != NULL };
	struct master_file beside;

	if (!writable(files, err))
		return false;
	if (files->count == MASTER_FILES)
		return err_set(err, ERR_REFUSED, _("more than %d versions of the master key"),
		               MASTER_FILES);
	(void)snprintf(file.name, sizeof file.name, "%s.%u", files->path,
	               (unsigned)master->version);
	beside = file;
	(void)snprintf(beside.name, sizeof beside.name, "%s.new", files->path);
	/* what a killed one left behind was never in use: it has its name only from here on */
	(void)unlink(beside.name);
	if (!master_key_write(master, beside.name, passphrase, err)
	    || !same_as_written(files, &beside, master, passphrase, err))
		return false;
	if (link(beside.name, file.name) != 0)
		return err_errno(err, _("cannot create %s"), file.name);
	(void)unlink(beside.name);
	files->files[files->count++] = file;
	return secret_file_sync_folder(file.name, err);
}

static struct master_file *find(struct master_files *files, uint32_t version)
{
	for (size_t i = 0; i < files->count; i++)
		if (files->files[i].version == version)
			return &files->files[i];
	return NULL;
}

static struct master_file *newest(struct master_files *files)
{
	struct master_file *last = &files->files[0];

	for (size_t i = 1; i < files->count; i++)
		if (files->files[i].version > last->version)
			last = &files->files[i];
	return last;
}

bool master_files_remove(struct master_files *files, uint32_t version, struct err *err)
{
	struct master_file *gone = find(files, version);
	struct master_file *heir = newest(files);

	if (gone == NULL)
		return true;
	if (files->credential) {
		*gone = files->files[--files->count];
		return true;
	}
	if (strcmp(gone->name, files->path) != 0) {
		if (unlink(gone->name) != 0 && errno != ENOENT)
			return err_errno(err, _("cannot remove %s"), gone->name);
	} else {
		if (rename(heir->name, files->path) != 0)
			return err_errno(err, _("cannot replace %s"), files->path);
		(void)snprintf(heir->name, sizeof heir->name, "%s", files->path);
	}
	*gone = files->files[--files->count];
	return secret_file_sync_folder(files->path, err);
}
