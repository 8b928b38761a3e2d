#include "keys/bundle.h"

#include <errno.h>
#include <unistd.h>

#include <sodium.h>

#include "core/base/words.h"
#include "keys/bytes.h"

enum {
	STREAM_KEY = crypto_secretstream_xchacha20poly1305_KEYBYTES,
	STREAM_HEADER = crypto_secretstream_xchacha20poly1305_HEADERBYTES,
	STREAM_EXTRA = crypto_secretstream_xchacha20poly1305_ABYTES,
	BOX = STREAM_KEY + crypto_box_SEALBYTES,
	FRONT = 4 + BOX + STREAM_HEADER,
	HEAD_SIZE = 1 + 16 + 16 + 8 + 8 + 8 + BUNDLE_DIGEST + 4,
	ENTRY_FIXED = 8 + 3 * 4,
	CHUNK = ENTRY_FIXED + BUNDLE_PATH + BUNDLE_PREFIX + BUNDLE_CONTENT,
};

static const unsigned char magic[4] = { 'S', 'K', 'B', 1 };

/* Everything with key material in it lies in one guarded place. */
struct machine {
	crypto_secretstream_xchacha20poly1305_state stream;
	crypto_sign_state sign;
	unsigned char plain[CHUNK];
	unsigned char cipher[CHUNK + STREAM_EXTRA];
};

static struct machine *machine_of(const struct secret *state)
{
	return (struct machine *)(void *)state->bytes;
}

static const char *const format_words[] = { "", "pem", "rspamd", "raw", "line" };
static const char *const owner_words[] = { "", "root", "mta", "signer" };

enum bundle_format bundle_format_find(const char *word)
{
	for (size_t i = 1; i < LENGTH(format_words); i++)
		if (strcmp(format_words[i], word) == 0)
			return (enum bundle_format)i;
	return (enum bundle_format)0;
}

enum bundle_owner bundle_owner_find(const char *word)
{
	for (size_t i = 1; i < LENGTH(owner_words); i++)
		if (strcmp(owner_words[i], word) == 0)
			return (enum bundle_owner)i;
	return (enum bundle_owner)0;
}

bool bundle_path_ok(const char *path, struct err *err)
{
	size_t length = strlen(path);
	bool ok = length > 0 && length < BUNDLE_PATH && path[length - 1] != '/';

	for (const char *part = path; ok && part != NULL;) {
		const char *slash = strchr(part, '/');
		size_t size = slash != NULL ? (size_t)(slash - part) : strlen(part);
		/* no empty part (so no leading slash), no hidden file, no . or .. */
		ok = size > 0 && part[0] != '.';
		part = slash != NULL ? slash + 1 : NULL;
	}
	for (const char *p = path; ok && *p != '\0'; p++)
		ok = (unsigned char)*p > 0x20 && (unsigned char)*p < 0x7f;
	return ok || err_set(err, ERR_INPUT, _("\"%s\" is not a path inside an export tree"), path);
}

static bool write_all(int fd, const void *bytes, size_t size, struct err *err)
{
	const unsigned char *at = bytes;

	while (size > 0) {
		ssize_t wrote = write(fd, at, size);
		if (wrote < 0 && errno == EINTR)
			continue;
		if (wrote < 0)
			return err_errno(err, _("cannot write the bundle"));
		at += wrote;
		size -= (size_t)wrote;
	}
	return true;
}

/* False also at a premature end; `what` is the sentence then. */
static bool read_all(int fd, void *bytes, size_t size, struct err *err)
{
	unsigned char *at = bytes;

	while (size > 0) {
		ssize_t got = read(fd, at, size);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return err_errno(err, _("cannot read the bundle"));
		if (got == 0)
			return err_set(err, ERR_CRYPTO, _("the bundle is cut short"));
		at += got;
		size -= (size_t)got;
	}
	return true;
}

static void sign_begin(struct machine *machine, const uint8_t *relay_box)
{
	(void)crypto_sign_init(&machine->sign);
	(void)crypto_sign_update(&machine->sign, magic, sizeof magic);
	(void)crypto_sign_update(&machine->sign, relay_box, IDENTITY_BOX);
}

static void sign_chunk(struct machine *machine, size_t size)
{
	unsigned char length[4];

	bytes_put_u32(length, (uint32_t)size);
	(void)crypto_sign_update(&machine->sign, length, sizeof length);
	(void)crypto_sign_update(&machine->sign, machine->plain, size);
}

static bool write_chunk(struct bundle_writer *writer, size_t size, bool last, struct err *err)
{
	struct machine *machine = machine_of(&writer->state);
	unsigned char length[4];

	bytes_put_u32(length, (uint32_t)(size + STREAM_EXTRA));
	(void)crypto_secretstream_xchacha20poly1305_push(
		&machine->stream, machine->cipher, NULL, machine->plain, size, length,
		sizeof length, last ? crypto_secretstream_xchacha20poly1305_TAG_FINAL : 0);
	return write_all(writer->fd, length, sizeof length, err)
	       && write_all(writer->fd, machine->cipher, size + STREAM_EXTRA, err);
}

static void put_head(unsigned char *at, const struct bundle_head *head)
{
	*at++ = 1;
	memcpy(at, head->relay.bytes, 16);
	memcpy(at + 16, head->generation.bytes, 16);
	bytes_put_u64(at + 32, head->sequence);
	bytes_put_u64(at + 40, head->made);
	bytes_put_u64(at + 48, head->not_after);
	memcpy(at + 56, head->tree, BUNDLE_DIGEST);
	bytes_put_u32(at + 56 + BUNDLE_DIGEST, head->entries);
}

static bool get_head(const unsigned char *at, size_t size, struct bundle_head *head,
                     struct err *err)
{
	if (size != HEAD_SIZE || at[0] != 1)
		return err_set(err, ERR_CRYPTO, _("the bundle has an unknown format"));
	at++;
	memcpy(head->relay.bytes, at, 16);
	memcpy(head->generation.bytes, at + 16, 16);
	head->sequence = bytes_get_u64(at + 32);
	head->made = bytes_get_u64(at + 40);
	head->not_after = bytes_get_u64(at + 48);
	memcpy(head->tree, at + 56, BUNDLE_DIGEST);
	head->entries = bytes_get_u32(at + 56 + BUNDLE_DIGEST);
	return true;
}

bool bundle_write_head(struct bundle_writer *writer, int fd,
                       const uint8_t relay[static IDENTITY_PUBLIC], const struct bundle_head *head,
                       struct err *err)
{
	struct secret key = { 0 };
	unsigned char front[FRONT];
	bool ok = false;

	*writer = (struct bundle_writer){ .fd = fd, .left = head->entries };
	if (!secret_random(&key, STREAM_KEY, err)
	    || !secret_take(&writer->state, sizeof(struct machine), err))
		goto out;
	struct machine *machine = machine_of(&writer->state);
	memcpy(front, magic, sizeof magic);
	if (crypto_box_seal(front + sizeof magic, key.bytes, key.size, relay) != 0) {
		(void)err_set(err, ERR_CRYPTO, _("nothing can be sealed to this relay's key"));
		goto out;
	}
	(void)crypto_secretstream_xchacha20poly1305_init_push(&machine->stream,
	                                                      front + sizeof magic + BOX,
	                                                      key.bytes);
	sign_begin(machine, relay);
	put_head(machine->plain, head);
	sign_chunk(machine, HEAD_SIZE);
	ok = write_all(fd, front, sizeof front, err) && write_chunk(writer, HEAD_SIZE, false, err);
out:
	secret_drop(&key);
	return ok;
}

static unsigned char *put_part(unsigned char *at, const void *bytes, size_t size)
{
	bytes_put_u32(at, (uint32_t)size);
	if (size > 0)
		memcpy(at + 4, bytes, size);
	return at + 4 + size;
}

bool bundle_write_entry(struct bundle_writer *writer, const struct bundle_entry *entry,
                        struct err *err)
{
	struct machine *machine = machine_of(&writer->state);
	unsigned char *at = machine->plain;

	if (!bundle_path_ok(entry->path, err))
		return false;
	if (entry->content.size > BUNDLE_CONTENT || writer->left == 0)
		return err_set(err, ERR_CRYPTO, _("an entry does not fit into a bundle"));
	writer->left--;
	at[0] = (unsigned char)entry->kind;
	at[1] = (unsigned char)entry->format;
	at[2] = (unsigned char)entry->owner;
	at[3] = 0;
	bytes_put_u32(at + 4, entry->mode);
	at = put_part(at + 8, entry->path, strlen(entry->path));
	at = put_part(at, entry->prefix, strlen(entry->prefix));
	at = put_part(at, entry->content.bytes, entry->content.size);
	size_t size = (size_t)(at - machine->plain);
	sign_chunk(machine, size);
	return write_chunk(writer, size, false, err);
}

bool bundle_write_end(struct bundle_writer *writer, const struct secret *signer, struct err *err)
{
	struct machine *machine = machine_of(&writer->state);

	if (writer->left != 0 || signer->size != crypto_sign_SECRETKEYBYTES)
		return err_set(err, ERR_CRYPTO, _("a bundle was not completed"));
	(void)crypto_sign_final_create(&machine->sign, machine->plain, NULL, signer->bytes);
	return write_chunk(writer, crypto_sign_BYTES, true, err);
}

void bundle_writer_drop(struct bundle_writer *writer)
{
	secret_drop(&writer->state);
}

/* The next chunk into machine->plain. */
static bool read_chunk(int fd, struct machine *machine, size_t *size, bool *last, struct err *err)
{
	unsigned char length[4];
	unsigned long long got = 0;
	unsigned char tag = 0;

	if (!read_all(fd, length, sizeof length, err))
		return false;
	size_t cipher = bytes_get_u32(length);
	if (cipher < STREAM_EXTRA || cipher > sizeof machine->cipher)
		return err_set(err, ERR_CRYPTO, _("the bundle is damaged"));
	if (!read_all(fd, machine->cipher, cipher, err))
		return false;
	if (crypto_secretstream_xchacha20poly1305_pull(&machine->stream, machine->plain, &got, &tag,
	                                               machine->cipher, cipher, length,
	                                               sizeof length)
	    != 0)
		return err_set(err, ERR_CRYPTO, _("the bundle is damaged"));
	*size = (size_t)got;
	*last = tag == crypto_secretstream_xchacha20poly1305_TAG_FINAL;
	return true;
}

/* Rewind, read the front, open the stream key.  *stream: key, then header. */
static bool read_front(int fd, const struct identity *identity, struct secret *stream,
                       struct err *err)
{
	unsigned char front[FRONT];

	if (lseek(fd, 0, SEEK_SET) != 0)
		return err_errno(err, _("the bundle is not a file"));
	if (!read_all(fd, front, sizeof front, err))
		return false;
	if (memcmp(front, magic, sizeof magic) != 0)
		return err_set(err, ERR_CRYPTO, _("this is not a bundle"));
	if (!secret_take(stream, STREAM_KEY + STREAM_HEADER, err))
		return false;
	if (crypto_box_seal_open(stream->bytes, front + sizeof magic, BOX, identity->public_key,
	                         identity->box.bytes)
	    != 0)
		return err_set(err, ERR_REFUSED, _("the bundle was made for another relay"));
	memcpy(stream->bytes + STREAM_KEY, front + sizeof magic + BOX, STREAM_HEADER);
	return true;
}

static bool begin_stream(struct machine *machine, const struct secret *stream, struct err *err)
{
	if (crypto_secretstream_xchacha20poly1305_init_pull(&machine->stream,
	                                                    stream->bytes + STREAM_KEY,
	                                                    stream->bytes)
	    != 0)
		return err_set(err, ERR_CRYPTO, _("the bundle is damaged"));
	return true;
}

/* Nothing may follow the signature. */
static bool at_end(int fd, struct err *err)
{
	unsigned char one;

	if (read(fd, &one, 1) != 0)
		return err_set(err, ERR_CRYPTO, _("something follows the end of the bundle"));
	return true;
}

static bool verify_stream(int fd, struct machine *machine,
                          const uint8_t signer[static IDENTITY_SIGN], struct bundle_head *head,
                          struct err *err)
{
	size_t size = 0;
	bool last = false;
	uint64_t chunks = 0;

	if (!read_chunk(fd, machine, &size, &last, err))
		return false;
	while (!last) {
		if (chunks == 0 && !get_head(machine->plain, size, head, err))
			return false;
		sign_chunk(machine, size);
		chunks++;
		if (!read_chunk(fd, machine, &size, &last, err))
			return false;
	}
	if (chunks == 0 || size != crypto_sign_BYTES
	    || crypto_sign_final_verify(&machine->sign, machine->plain, signer) != 0) {
		(void)err_set(err, ERR_CRYPTO, _("the bundle was not signed by our key service"));
		return err_hint(err,
		                _("compare the pinned signing key with \"senderctl doctor\" on the "
		                  "service's machine"));
	}
	if (chunks - 1 != head->entries)
		return err_set(err, ERR_CRYPTO, _("the bundle is damaged"));
	return at_end(fd, err);
}

bool bundle_verify(int fd, const struct identity *identity,
                   const uint8_t signer[static IDENTITY_SIGN], struct bundle_head *head,
                   struct bundle_key *key, struct err *err)
{
	struct secret state = { 0 };
	bool ok = false;

	*head = (struct bundle_head){ 0 };
	*key = (struct bundle_key){ { 0 } };
	if (!read_front(fd, identity, &key->stream, err)
	    || !secret_take(&state, sizeof(struct machine), err)
	    || !begin_stream(machine_of(&state), &key->stream, err))
		goto out;
	sign_begin(machine_of(&state), identity->public_key);
	ok = verify_stream(fd, machine_of(&state), signer, head, err);
out:
	secret_drop(&state);
	if (!ok)
		bundle_key_drop(key);
	return ok;
}

/* One length-prefixed part; false when it is longer than what is left. */
static bool get_part(const unsigned char **at, size_t *left, const unsigned char **bytes,
                     size_t *size)
{
	if (*left < 4)
		return false;
	*size = bytes_get_u32(*at);
	if (*size > *left - 4)
		return false;
	*bytes = *at + 4;
	*at += 4 + *size;
	*left -= 4 + *size;
	return true;
}

static bool get_text(const unsigned char **at, size_t *left, char *text, size_t room)
{
	const unsigned char *bytes;
	size_t size;

	if (!get_part(at, left, &bytes, &size) || size >= room || memchr(bytes, '\0', size) != NULL)
		return false;
	memcpy(text, bytes, size);
	text[size] = '\0';
	return true;
}

static bool get_entry(const unsigned char *at, size_t left, struct bundle_entry *entry,
                      struct err *err)
{
	const unsigned char *content = NULL;
	size_t size = 0;

	if (left < ENTRY_FIXED || at[0] < BUNDLE_KEY || at[0] > BUNDLE_TEXT || at[1] < BUNDLE_PEM
	    || at[1] > BUNDLE_LINE || at[2] < BUNDLE_ROOT || at[2] > BUNDLE_SIGNER || at[3] != 0)
		goto broken;
	entry->kind = (enum bundle_kind)at[0];
	entry->format = (enum bundle_format)at[1];
	entry->owner = (enum bundle_owner)at[2];
	entry->mode = bytes_get_u32(at + 4);
	at += 8;
	left -= 8;
	if (!get_text(&at, &left, entry->path, sizeof entry->path)
	    || !get_text(&at, &left, entry->prefix, sizeof entry->prefix)
	    || !get_part(&at, &left, &content, &size) || left != 0)
		goto broken;
	/* a service that was taken over still can't write outside the folder, nor wide open */
	if ((entry->mode & ~0440U & ~0200U) != 0)
		goto broken;
	return bundle_path_ok(entry->path, err) && secret_copy(&entry->content, content, size, err);
broken:
	return err_set(err, ERR_CRYPTO, _("an entry of the bundle is damaged"));
}

bool bundle_deliver(int fd, const struct bundle_key *key, bundle_entry_fn call, void *context,
                    struct err *err)
{
	struct secret state = { 0 };
	struct bundle_entry *entry = calloc(1, sizeof *entry);
	size_t size = 0;
	bool last = false;
	bool ok = false;

	if (entry == NULL) {
		(void)err_set(err, ERR_SYSTEM, _("out of memory"));
		goto out;
	}
	if (lseek(fd, FRONT, SEEK_SET) != FRONT) {
		(void)err_errno(err, _("cannot read the bundle"));
		goto out;
	}
	if (!secret_take(&state, sizeof(struct machine), err)
	    || !begin_stream(machine_of(&state), &key->stream, err)
	    || !read_chunk(fd, machine_of(&state), &size, &last, err))
		goto out;
	for (ok = true; ok;) {
		ok = read_chunk(fd, machine_of(&state), &size, &last, err);
		if (!ok || last)
			break;
		ok = get_entry(machine_of(&state)->plain, size, entry, err)
		     && call(entry, context, err);
		secret_drop(&entry->content);
	}
out:
	secret_drop(&state);
	free(entry);
	return ok;
}

void bundle_key_drop(struct bundle_key *key)
{
	secret_drop(&key->stream);
}
