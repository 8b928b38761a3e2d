#include "core/record/spf_head.h"

#include <ctype.h>
#include <strings.h>

#include "core/base/nearest.h"
#include "core/base/words.h"
#include "core/record/spf_strange.h"

static const char version[] = "v=spf1";
enum { VERSION_LENGTH = sizeof version - 1 };

/* The text while it is looked at. */
struct reading {
	struct arena *arena;
	const char *text;
	size_t length;
	struct spf_head *head;
};

/* What a record of another kind begins with, or a version that is none. */
static const struct {
	const char *start;
	bool foreign; /* nothing behind it is a term of SPF */
	const char *sentence;
} others[] = {
	{ "v=dmarc", true,
	  N_("this is a DMARC record; it belongs to the name \"_dmarc\" below the domain") },
	{ "v=dkim", true,
	  N_("this is a DKIM record; it belongs to \"SELECTOR._domainkey\" below the domain") },
	{ "v=bimi", true, N_("this is a BIMI record, not one of SPF") },
	{ "v=sts", true, N_("this is an MTA-STS record, not one of SPF") },
	{ "v=tlsrpt", true, N_("this is a TLS report record, not one of SPF") },
	{ "spf2.0", false,
	  N_("\"spf2.0\" was Sender ID, which is dead; receivers look for \"v=spf1\"") },
	{ "v=spf2", false, N_("there is no SPF version 2; the record begins with \"v=spf1\"") },
};

static void complain(struct reading *reading, size_t at, const char *sentence)
{
	struct spf_head *head = reading->head;
	size_t word = 0;

	while (at + word < reading->length && !isspace((unsigned char)reading->text[at + word]))
		word++;
	head->problems[head->problem_count++] = (struct spf_problem){
		.column = at + 1,
		.token = arena_copy_part(reading->arena, reading->text + at, word),
		.text = sentence,
	};
}

static bool stands_at(const struct reading *reading, size_t at, const char *word)
{
	size_t length = strlen(word);

	return reading->length - at >= length && strncasecmp(reading->text + at, word, length) == 0;
}

/* The octets of what is around a record by mistake: blanks, quotes, their
 * backslashes, and what word processors make of them.  0: something else. */
static size_t wrapping(const struct reading *reading, size_t at)
{
	unsigned char octet = (unsigned char)reading->text[at];
	size_t size = 1;

	if (isspace(octet) || octet == '"' || octet == '\'' || octet == '\\')
		return 1;
	if (octet < 0x80 || !spf_strange_what(reading->text + at, reading->length - at, NULL))
		return 0;
	while (at + size < reading->length
	       && ((unsigned char)reading->text[at + size] & 0xc0) == 0x80)
		size++;
	return size;
}

static const char *wrapping_sentence(const struct reading *reading)
{
	const char *strange = spf_strange_what(reading->text, reading->length, NULL);

	if (strchr("\"'\\", reading->text[0]))
		return _("the text begins with a quotation mark, so receivers see no SPF record; "
		         "quotes belong in zone files only");
	return strange ? strange
	               : _("the text begins with a blank, so receivers see no SPF record");
}

/* Closing quotes belong to the opening one, which was complained about. */
static void find_end(struct reading *reading)
{
	struct spf_head *head = reading->head;
	size_t at = reading->length;

	head->end = reading->length;
	while (head->problem_count > 0 && at > head->terms) {
		at--;
		if (((unsigned char)reading->text[at] & 0xc0) == 0x80)
			continue;
		if (at + wrapping(reading, at) != head->end)
			break;
		head->end = at;
	}
	while (head->end > head->terms && reading->text[head->end - 1] == ' ')
		head->end--;
}

/* `at` stands behind "v=spf1", where a space should be, or the end. */
static void read_follower(struct reading *reading, size_t at)
{
	const char *strange = NULL;
	size_t size = 0;

	reading->head->terms = at;
	if (at >= reading->length || reading->text[at] == ' ')
		return;
	size = wrapping(reading, at);
	if (size > 0 && at + size == reading->length && reading->head->problem_count > 0)
		return;
	strange = spf_strange_what(reading->text + at, reading->length - at, NULL);
	complain(reading, at,
	         strange ? strange : _("after \"v=spf1\" a space must follow, or the end"));
	while (at < reading->length && strchr("0123456789.,;:", reading->text[at]))
		at++;
	reading->head->terms = at + size;
}

/* "v=spf1" with spaces inside: the octets it takes; else 0. */
static size_t stretched_version(const struct reading *reading, size_t at)
{
	size_t seen = 0;
	size_t i = at;

	for (; i < reading->length && seen < VERSION_LENGTH; i++) {
		if (reading->text[i] == ' ')
			continue;
		if (tolower((unsigned char)reading->text[i]) != version[seen])
			return 0;
		seen++;
	}
	return seen == VERSION_LENGTH ? i - at : 0;
}

static bool read_other(struct reading *reading, size_t at)
{
	for (size_t i = 0; i < LENGTH(others); i++) {
		if (!stands_at(reading, at, others[i].start))
			continue;
		complain(reading, at, _(others[i].sentence));
		reading->head->terms = at + strlen(reading->head->problems[0].token);
		reading->head->foreign = others[i].foreign;
		if (others[i].foreign)
			reading->head->terms = reading->length;
		return true;
	}
	return false;
}

/* "spf1", "v:spf1", "v=sfp1": the octets of a word that was meant to be it. */
static size_t mistyped_version(const struct reading *reading, size_t at)
{
	static const char *const versions[] = { version };
	char word[VERSION_LENGTH + 3] = "";
	size_t length = 0;

	while (at + length < reading->length && length < sizeof word - 1
	       && !isspace((unsigned char)reading->text[at + length])) {
		word[length] = (char)tolower((unsigned char)reading->text[at + length]);
		length++;
	}
	if (at + length < reading->length && !isspace((unsigned char)reading->text[at + length]))
		return 0;
	return nearest(word, versions, LENGTH(versions)) ? length : 0;
}

static void read_without_version(struct reading *reading, size_t at)
{
	size_t size = stretched_version(reading, at);

	reading->head->terms = at;
	if (size > 0) {
		complain(reading, at, _("no space may stand inside \"v=spf1\""));
		reading->head->terms = at + size;
		return;
	}
	if (read_other(reading, at))
		return;
	for (size_t i = at + 1; i < reading->length; i++) {
		if (!stands_at(reading, i, version))
			continue;
		complain(reading, 0, _("what stands before \"v=spf1\" is no part of the record"));
		reading->head->terms = i + VERSION_LENGTH;
		return;
	}
	size = mistyped_version(reading, at);
	reading->head->terms = at + size;
	complain(reading, at,
	         size > 0 ? _("this is not \"v=spf1\", with which every SPF record begins")
	                  : _("\"v=spf1\" and a space are missing before this"));
}

void spf_head_read(struct arena *arena, const char *text, size_t length, struct spf_head *head)
{
	struct reading reading = { arena, text, length, head };
	size_t at = 0;

	*head = (struct spf_head){ 0 };
	while (at < length && wrapping(&reading, at) > 0)
		at += wrapping(&reading, at);
	if (at == length) {
		complain(&reading, 0, _("there is no record: the text is empty"));
		head->terms = head->end = length;
		head->foreign = true;
		return;
	}
	if (!stands_at(&reading, at, version)) {
		read_without_version(&reading, at);
	} else {
		if (at > 0)
			complain(&reading, 0, wrapping_sentence(&reading));
		read_follower(&reading, at + VERSION_LENGTH);
	}
	find_end(&reading);
}

bool spf_head_is_record(const char *word)
{
	/* Whatever is behind the version, a web address too. */
	if (*word == '\0' || strncasecmp(word, version, VERSION_LENGTH) == 0
	    || strpbrk(word, " \t\r\n\"'\\") != NULL)
		return true;
	return strpbrk(word, "=:") != NULL && strstr(word, "://") == NULL;
}
