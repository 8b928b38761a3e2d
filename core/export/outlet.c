#include "core/export/outlet.h"

#include <ctype.h>
#include <string.h>

#include "core/base/words.h"

enum { FULL = 1 << 16 };

bool outlet_flush(struct outlet *outlet, struct err *err)
{
	struct text *text = &outlet->text;

	if (text->length == 0)
		return true;
	if (outlet->digest != NULL)
		digest_add(outlet->digest, text->data, text->length);
	if (outlet->file != NULL && !file_new_add(outlet->file, text->data, text->length, err))
		return false;
	outlet->size += text->length;
	text_clear(text);
	return true;
}

bool outlet_row(struct outlet *outlet, struct err *err)
{
	outlet->rows++;
	/* an outlet that leads nowhere keeps everything */
	if (outlet->text.length < FULL || (outlet->file == NULL && outlet->digest == NULL))
		return true;
	return outlet_flush(outlet, err);
}

/* One bit per kind and byte would be smaller; one letter per kind is readable. */
static const char *const made_of[WORD_KINDS] = {
	[WORD_DOMAIN] = "abcdefghijklmnopqrstuvwxyz0123456789.-",
	[WORD_SELECTOR] = "abcdefghijklmnopqrstuvwxyz0123456789.-",
	/* relays.md 1: without # % $ " ( ) , : ; < > [ \ ] ` blank, control and 8-bit */
	[WORD_ADDRESS] = ("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
	                  "!&'*+/=?^_{|}~.-@"),
	[WORD_LOGIN] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._@+=-",
	[WORD_LOGINS] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._@+=-,",
	[WORD_PORT] = "0123456789",
	[WORD_NAME] = "abcdefghijklmnopqrstuvwxyz0123456789-",
	[WORD_UUID] = "abcdef0123456789-",
	[WORD_PATH] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._-",
};

static const char *const kind_names[WORD_KINDS] = {
	[WORD_DOMAIN] = N_("a domain"),
	[WORD_SELECTOR] = N_("a selector"),
	[WORD_ADDRESS] = N_("an address"),
	[WORD_LOGIN] = N_("a login"),
	[WORD_LOGINS] = N_("a list of logins"),
	[WORD_PORT] = N_("a port"),
	[WORD_NAME] = N_("a short name"),
	[WORD_UUID] = N_("a uuid"),
	[WORD_PATH] = N_("a path"),
};

static bool of_kind(enum word_kind kind, const char *word, size_t length)
{
	/* A table per kind, filled at first use: strchr() for each of thirty
	 * million bytes would be half of the export's time. */
	static bool ready;
	static bool may[WORD_KINDS][256];

	if (!ready) {
		for (size_t k = 0; k < WORD_KINDS; k++)
			for (const char *p = made_of[k]; *p != '\0'; p++)
				may[k][(unsigned char)*p] = true;
		ready = true;
	}
	for (size_t i = 0; i < length; i++)
		if (!may[kind][(unsigned char)word[i]])
			return false;
	return length > 0;
}

/* Labels of 1..63, no dash at either end; letters as allowed by the kind. */
static bool labels_ok(const char *name, size_t length, size_t at_least)
{
	size_t labels = 0, start = 0;

	for (size_t i = 0; i <= length; i++) {
		if (i < length && name[i] != '.')
			continue;
		size_t label = i - start;
		if (label == 0 || label > 63 || name[start] == '-' || name[i - 1] == '-')
			return false;
		labels++;
		start = i + 1;
	}
	return labels >= at_least && length <= 253;
}

static bool domain_ok(const char *name, size_t length)
{
	const char *last = memrchr(name, '.', length);

	/* the last label begins with a letter, so that no address looks like a name */
	return of_kind(WORD_DOMAIN, name, length) && labels_ok(name, length, 2) && last != NULL
	       && islower((unsigned char)last[1]);
}

static bool address_ok(const char *address, size_t length)
{
	const char *at = memchr(address, '@', length);
	size_t local = at != NULL ? (size_t)(at - address) : 0;

	return local > 0 && local <= 64 && length <= 254 && of_kind(WORD_ADDRESS, address, local)
	       && domain_ok(at + 1, length - local - 1);
}

static bool logins_ok(const char *list, size_t length)
{
	size_t start = 0;

	if (!of_kind(WORD_LOGINS, list, length))
		return false;
	for (size_t i = 0; i <= length; i++) {
		if (i < length && list[i] != ',')
			continue;
		if (i == start || i - start > 128)
			return false;
		start = i + 1;
	}
	return true;
}

static bool port_ok(const char *port, size_t length)
{
	unsigned long number = 0;

	for (size_t i = 0; i < length && length <= 5; i++)
		number = number * 10 + (unsigned long)(port[i] - '0');
	return length <= 5 && port[0] != '0' && number <= 65535;
}

bool outlet_word_ok(enum word_kind kind, const char *word)
{
	if (word == NULL)
		return false;
	size_t length = strlen(word);
	if (!of_kind(kind, word, length))
		return false;
	if (kind == WORD_DOMAIN)
		return domain_ok(word, length);
	if (kind == WORD_ADDRESS)
		return address_ok(word, length);
	if (kind == WORD_LOGINS)
		return logins_ok(word, length);
	if (kind == WORD_SELECTOR)
		return labels_ok(word, length, 1);
	if (kind == WORD_LOGIN)
		return length <= 128;
	if (kind == WORD_PORT)
		return port_ok(word, length);
	if (kind == WORD_PATH)
		return word[0] == '/' && strstr(word, "..") == NULL;
	return length <= 63;
}

bool outlet_word(struct outlet *outlet, enum word_kind kind, const char *word, struct err *err)
{
	if (!outlet_word_ok(kind, word)) {
		(void)err_set(err, ERR_INPUT, _("\"%s\" cannot be written as %s"),
		              word != NULL ? word : "", _(kind_names[kind]));
		return err_hint(err, _("nothing was exported; this word came past the rules of the "
		                       "registry: mend it there"));
	}
	text_add(&outlet->text, word);
	return true;
}

void outlet_drop(struct outlet *outlet)
{
	text_free(&outlet->text);
	*outlet = (struct outlet){ 0 };
}
