#include "core/record/name.h"

#include <stdint.h>
#include <string.h>

#include <idn2.h>

#include "core/base/text.h"
#include "core/base/utf8.h"
#include "core/base/words.h"

/*
 * libidn2 is asked for the IDNA part alone (TR46, non-transitional: the German
 * sharp s stays itself).  Its traps, tried on 2.3.3, are closed here:
 *   - USE_STD3_ASCII_RULES deletes "_" without a word: not used, we check;
 *   - "ex..de" passes: every label is checked by us;
 *   - U+00AD and U+200B vanish without a word: refused before the call;
 *   - U+3002 and its relatives become dots: labels are counted after the call.
 */
enum { FLAGS = IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL };

static bool letter_or_digit(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

/* ---- what may be typed at all ------------------------------------------- */

static bool say_character(uint32_t point, const char *octets, size_t size, size_t column,
                          struct err *err)
{
	if (utf8_control(point))
		return err_set(err, ERR_INPUT, _("column %zu: control character U+%04X in a name"),
		               column, (unsigned)point);
	if (utf8_invisible(point))
		return err_set(err, ERR_INPUT,
		               _("column %zu: invisible character U+%04X in a name"), column,
		               (unsigned)point);
	if (point == ' ' || point == 0xA0)
		return err_set(err, ERR_INPUT, _("column %zu: a blank in a name"), column);
	(void)err_set(err, ERR_INPUT, _("column %zu: \"%.*s\" may not stand in a name"), column,
	              (int)size, octets);
	if (point == '/' || point == ':')
		return err_hint(err, _("give the name alone, without https://, port or path"));
	if (point == '@')
		return err_hint(err, _("this looks like an address; a domain name is wanted"));
	if (point == '*')
		return err_hint(err, _("wildcards are not used here; name the domain itself"));
	return false;
}

/* ASCII letters, digits, dash, dot, underscore; beyond ASCII everything that
 * can be seen (libidn2 says later which of it may stand in a name). */
static bool characters_check(const char *text, size_t length, size_t column, bool *ascii,
                             struct err *err)
{
	*ascii = true;
	for (size_t at = 0; at < length; column++) {
		uint32_t point;
		size_t size = utf8_next(text + at, length - at, &point);
		if (size == 0)
			return err_set(err, ERR_INPUT, _("column %zu: octet 0x%02X is not UTF-8"),
			               column, (unsigned)(unsigned char)text[at]);
		char c = lower(text[at]);
		bool fine = size > 1 ? !utf8_control(point) && !utf8_invisible(point)
		                               && point != 0xA0
		                     : letter_or_digit(c) || c == '-' || c == '.' || c == '_';
		if (!fine)
			return say_character(point, text + at, size, column, err);
		if (size > 1)
			*ascii = false;
		at += size;
	}
	return true;
}

/* ---- IDNA ----------------------------------------------------------------- */

static bool say_idn(int rc, const char *text, struct err *err)
{
	switch (rc) {
	case IDN2_TOO_BIG_LABEL:
	case IDN2_PUNYCODE_BIG_OUTPUT:
		return err_set(err, ERR_INPUT,
		               _("\"%s\": a part between two dots is longer than 63 octets"), text);
	case IDN2_TOO_BIG_DOMAIN:
		return err_set(err, ERR_INPUT, _("\"%s\" is longer than 253 octets"), text);
	case IDN2_HYPHEN_STARTEND:
		return err_set(err, ERR_INPUT,
		               _("\"%s\": no part of a name may begin or end with a dash"), text);
	case IDN2_BIDI:
		return err_set(err, ERR_INPUT,
		               _("\"%s\" mixes writing directions against RFC 5893"), text);
	case IDN2_ALABEL_ROUNDTRIP_FAILED:
	case IDN2_PUNYCODE_BAD_INPUT:
	case IDN2_INVALID_ALABEL:
		if (strstr(text, "xn--") == NULL)
			return err_set(err, ERR_INPUT,
			               _("\"%s\" holds a character that may not stand in a name"),
			               text);
		return err_set(err, ERR_INPUT,
		               _("\"%s\": a part beginning with xn-- is not a valid encoding"),
		               text);
	default:
		return err_set(err, ERR_INPUT,
		               _("\"%s\" is not a valid internationalised name (%s)"), text,
		               idn2_strerror(rc));
	}
}

/* What is shown to people must lead back to the same name; libidn2 takes some
 * encodings that do not. */
static bool stable(const char *name)
{
	char *shown = NULL;
	uint8_t *again = NULL;
	bool same = idn2_to_unicode_8z8z(name, &shown, 0) == IDN2_OK
	            && idn2_lookup_u8((const uint8_t *)shown, &again, FLAGS) == IDN2_OK
	            && strcmp((const char *)again, name) == 0;

	idn2_free(again);
	idn2_free(shown);
	return same;
}

static bool to_ascii(struct arena *arena, char *text, char **name, struct err *err)
{
	uint8_t *found = NULL;
	int rc = idn2_lookup_u8((const uint8_t *)text, &found, FLAGS);

	if (rc != IDN2_OK)
		return say_idn(rc, text, err);
	*name = arena_copy(arena, (const char *)found);
	idn2_free(found);
	return stable(*name) || say_idn(IDN2_ALABEL_ROUNDTRIP_FAILED, *name, err);
}

static bool has_encoded_label(const char *name)
{
	return strncmp(name, "xn--", 4) == 0 || strstr(name, ".xn--") != NULL;
}

/* ---- labels ----------------------------------------------------------------- */

static bool label_check(const char *label, size_t length, enum name_kind kind, const char *whole,
                        struct err *err)
{
	if (length == 0)
		return err_set(err, ERR_INPUT,
		               _("\"%s\" has an empty part (two dots, or one in front)"), whole);
	if (length > NAME_LABEL_OCTETS)
		return err_set(err, ERR_INPUT,
		               _("\"%s\": a part between two dots is longer than 63 octets"),
		               whole);
	for (size_t i = 0; i < length; i++) {
		if (label[i] == '_' && kind != NAME_RECORD) {
			(void)err_set(err, ERR_INPUT,
			              _("\"%s\": no underscore in a host or domain"), whole);
			return err_hint(err, _("names like _dmarc belong to DNS records, "
			                       "not to hosts and senders"));
		}
		if (!letter_or_digit(label[i]) && label[i] != '-' && label[i] != '_')
			return err_set(err, ERR_INPUT, _("\"%s\": \"%c\" may not stand in a name"),
			               whole, label[i]);
	}
	if (label[0] == '-' || label[length - 1] == '-')
		return err_set(err, ERR_INPUT,
		               _("\"%s\": no part of a name may begin or end with a dash"), whole);
	return true;
}

static bool last_label_check(const char *name, struct err *err)
{
	const char *dot = strrchr(name, '.');

	if (dot == NULL) {
		(void)err_set(err, ERR_INPUT, _("\"%s\" is only one word, not a whole domain name"),
		              name);
		return err_hint(err, _("give the whole name, for instance %s.example"), name);
	}
	size_t length = strlen(dot + 1);
	if (strspn(name, "0123456789.") == strlen(name))
		return err_set(err, ERR_INPUT, _("\"%s\" is an IP address; a name is wanted"),
		               name);
	if (dot[1] < 'a' || dot[1] > 'z' || length < 2)
		return err_set(err, ERR_INPUT,
		               _("\"%s\": a name ends in two letters or more (as in .example)"),
		               name);
	return true;
}

static bool labels_check(const char *name, enum name_kind kind, struct err *err)
{
	size_t count = 0;

	for (const char *label = name;; count++) {
		size_t length = strcspn(label, ".");
		if (!label_check(label, length, kind, name, err))
			return false;
		if (label[length] == '\0')
			break;
		label += length + 1;
	}
	if (strlen(name) > NAME_OCTETS)
		return err_set(err, ERR_INPUT, _("\"%.60s...\" is longer than 253 octets"), name);
	if (kind == NAME_LABEL && count > 0)
		return err_set(err, ERR_INPUT, _("\"%s\" has a dot; one part of a name is wanted"),
		               name);
	return kind == NAME_LABEL || kind == NAME_SELECTOR || last_label_check(name, err);
}

bool name_parse_part(struct arena *arena, const char *text, size_t length, enum name_kind kind,
                     size_t column, const char **name, struct err *err)
{
	bool ascii;

	if (length == 0)
		return err_set(err, ERR_INPUT, _("column %zu: a domain name is missing"), column);
	/* A quarter of a kilobyte of letters may take four octets each; more
	 * cannot become a name and need not be looked at. */
	if (length > 4 * (NAME_OCTETS + 1))
		return err_set(err, ERR_INPUT,
		               _("column %zu: a name of %zu octets; 253 are allowed"), column,
		               length);
	if (!characters_check(text, length, column, &ascii, err))
		return false;

	char *found = arena_copy_part(arena, text, length);
	for (char *p = found; *p != '\0'; p++)
		*p = lower(*p);
	if ((!ascii || has_encoded_label(found)) && !to_ascii(arena, found, &found, err))
		return false;
	size_t end = strlen(found);
	if (end > 1 && found[end - 1] == '.')
		found[end - 1] = '\0';
	if (!labels_check(found, kind, err))
		return false;
	*name = found;
	return true;
}

bool name_parse(struct arena *arena, const char *text, enum name_kind kind, const char **name,
                struct err *err)
{
	return name_parse_part(arena, text, strlen(text), kind, 1, name, err);
}

/* ---- for people --------------------------------------------------------------- */

enum script {
	SCRIPT_COMMON,
	SCRIPT_LATIN,
	SCRIPT_GREEK,
	SCRIPT_CYRILLIC,
	SCRIPT_ARMENIAN,
	SCRIPT_HEBREW,
	SCRIPT_ARABIC,
	SCRIPT_EAST_ASIAN,
	SCRIPT_OTHER,
	SCRIPTS,
};

/* Enough of Unicode's Scripts.txt to tell apart what is confused in practice. */
static enum script script_of(uint32_t point)
{
	static const struct {
		uint32_t from, to;
		enum script script;
	} rows[] = {
		{ 0x0000, 0x0040, SCRIPT_COMMON },     { 0x0041, 0x007A, SCRIPT_LATIN },
		{ 0x007B, 0x00BF, SCRIPT_COMMON },     { 0x00C0, 0x024F, SCRIPT_LATIN },
		{ 0x0250, 0x02AF, SCRIPT_LATIN },      { 0x02B0, 0x036F, SCRIPT_COMMON },
		{ 0x0370, 0x03FF, SCRIPT_GREEK },      { 0x0400, 0x052F, SCRIPT_CYRILLIC },
		{ 0x0530, 0x058F, SCRIPT_ARMENIAN },   { 0x0590, 0x05FF, SCRIPT_HEBREW },
		{ 0x0600, 0x06FF, SCRIPT_ARABIC },     { 0x0700, 0x074F, SCRIPT_OTHER },
		{ 0x0750, 0x077F, SCRIPT_ARABIC },     { 0x08A0, 0x08FF, SCRIPT_ARABIC },
		{ 0x1100, 0x11FF, SCRIPT_EAST_ASIAN }, { 0x1C80, 0x1C8F, SCRIPT_CYRILLIC },
		{ 0x1D00, 0x1DBF, SCRIPT_LATIN },      { 0x1E00, 0x1EFF, SCRIPT_LATIN },
		{ 0x1F00, 0x1FFF, SCRIPT_GREEK },      { 0x2000, 0x2BFF, SCRIPT_COMMON },
		{ 0x2C60, 0x2C7F, SCRIPT_LATIN },      { 0x2DE0, 0x2DFF, SCRIPT_CYRILLIC },
		{ 0x2E80, 0x9FFF, SCRIPT_EAST_ASIAN }, { 0xA640, 0xA69F, SCRIPT_CYRILLIC },
		{ 0xA720, 0xA7FF, SCRIPT_LATIN },      { 0xAB30, 0xAB6F, SCRIPT_LATIN },
		{ 0xAC00, 0xD7FF, SCRIPT_EAST_ASIAN }, { 0xFB00, 0xFB06, SCRIPT_LATIN },
		{ 0xFB1D, 0xFB4F, SCRIPT_HEBREW },     { 0xFB50, 0xFDFF, SCRIPT_ARABIC },
		{ 0xFE70, 0xFEFC, SCRIPT_ARABIC },     { 0x20000, 0x3FFFF, SCRIPT_EAST_ASIAN },
	};

	for (size_t i = 0; i < LENGTH(rows); i++)
		if (point >= rows[i].from && point <= rows[i].to) {
			/* Digits, dash and the marks between the letters belong to all. */
			if (point < 0x80 && (lower((char)point) < 'a' || lower((char)point) > 'z'))
				return SCRIPT_COMMON;
			return rows[i].script;
		}
	return SCRIPT_OTHER;
}

/* Letters that most fonts draw like a Latin one. */
static bool looks_latin(uint32_t point)
{
	static const uint32_t alike[] = {
		0x0430, 0x0435, 0x043E, 0x0440, 0x0441, 0x0443, 0x0445, 0x0455, 0x0456, 0x0458,
		0x0501, 0x051B, 0x051D, 0x04BB, 0x04CF, 0x043A, 0x043C, 0x043D, 0x0442, 0x0432,
		0x03BF, 0x03B1, 0x03B5, 0x03B9, 0x03BA, 0x03BD, 0x03C1, 0x03C4, 0x03C5, 0x03C7,
		0x03B3, 0x03C9, 0x03B7, 0x0578, 0x057D, 0x0585, 0x0570, 0x0566, 0x0561, 0x0581,
	};

	for (size_t i = 0; i < LENGTH(alike); i++)
		if (alike[i] == point)
			return true;
	return false;
}

struct label_view {
	bool seen[SCRIPTS];
	bool only_lookalikes;
};

static void label_look(const char *label, size_t length, struct label_view *view)
{
	bool letters = false;

	*view = (struct label_view){ .only_lookalikes = true };
	for (size_t at = 0; at < length;) {
		uint32_t point;
		size_t size = utf8_next(label + at, length - at, &point);
		if (size == 0)
			break;
		enum script script = script_of(point);
		view->seen[script] = true;
		if (script != SCRIPT_COMMON) {
			letters = true;
			if (!looks_latin(point))
				view->only_lookalikes = false;
		}
		at += size;
	}
	view->only_lookalikes = view->only_lookalikes && letters;
}

static size_t scripts_in(const struct label_view *view)
{
	size_t count = 0;

	for (size_t i = SCRIPT_LATIN; i < SCRIPTS; i++)
		if (view->seen[i])
			count++;
	return count;
}

static const char *to_unicode(struct arena *arena, const char *name)
{
	char *found = NULL;

	if (!has_encoded_label(name) || idn2_to_unicode_8z8z(name, &found, 0) != IDN2_OK)
		return name;
	const char *copy = arena_copy(arena, found);
	idn2_free(found);
	return copy;
}

size_t name_warn(struct arena *arena, const char *name, const char *warnings[NAME_WARNINGS])
{
	const char *shown = to_unicode(arena, name);
	bool mixed = false, alike = false, rtl = false;
	size_t count = 0;

	for (const char *label = shown; label != NULL;) {
		struct label_view view;
		size_t length = strcspn(label, ".");
		label_look(label, length, &view);
		/* Japanese and Korean names mix their own scripts and Latin by custom. */
		if (scripts_in(&view) > 1
		    && !(scripts_in(&view) == 2 && view.seen[SCRIPT_EAST_ASIAN]
		         && view.seen[SCRIPT_LATIN]))
			mixed = true;
		if (view.only_lookalikes)
			alike = true;
		if (view.seen[SCRIPT_HEBREW] || view.seen[SCRIPT_ARABIC])
			rtl = true;
		label = label[length] == '.' ? label + length + 1 : NULL;
	}
	if (mixed)
		warnings[count++] = arena_print(arena,
		                                _("\"%s\" mixes letters of several scripts in one "
		                                  "word (%s)"),
		                                shown, name);
	if (alike)
		warnings[count++] = arena_print(arena,
		                                _("\"%s\" is written in letters that look like "
		                                  "Latin ones (%s)"),
		                                shown, name);
	if (rtl)
		warnings[count++] = arena_print(arena, _("%s is written from right to left"), name);
	return count;
}

const char *name_show(struct arena *arena, const char *name)
{
	const char *warnings[NAME_WARNINGS];

	if (!has_encoded_label(name) || name_warn(arena, name, warnings) > 0)
		return name;
	return to_unicode(arena, name);
}

/* ---- places ---------------------------------------------------------------------- */

bool name_within(const char *name, const char *parent)
{
	size_t length = strlen(name), tail = strlen(parent);

	if (length < tail || strcmp(name + length - tail, parent) != 0)
		return false;
	return length == tail || name[length - tail - 1] == '.';
}

const char *name_parent(const char *name)
{
	const char *dot = strchr(name, '.');

	return dot != NULL ? dot + 1 : NULL;
}

size_t name_labels(const char *name)
{
	size_t count = name[0] != '\0';

	for (const char *p = name; *p != '\0'; p++)
		if (*p == '.')
			count++;
	return count;
}

const char *name_relative(struct arena *arena, const char *name, const char *zone)
{
	if (!name_within(name, zone))
		return name;
	size_t length = strlen(name), tail = strlen(zone);
	return length == tail ? "@" : arena_copy_part(arena, name, length - tail - 1);
}
