#include "core/verify/mistagging.h"

#include <string.h>
#include <strings.h>

#include "core/record/tag_list.h"
#include "core/verify/misspelling.h"

static const char *version_of(const struct evidence *evidence)
{
	if (evidence->subject == EVIDENCE_SPF)
		return "v=spf1";
	return evidence->subject == EVIDENCE_DMARC ? "v=DMARC1" : "v=DKIM1";
}

static bool blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static const char *find_word(const char *text, const char *word)
{
	for (; *text; text++)
		if (strncasecmp(text, word, strlen(word)) == 0)
			return text;
	return NULL;
}

static const char *find_last(const char *text, const char *word)
{
	const char *last = NULL;

	for (const char *at = find_word(text, word); at; at = find_word(at + 1, word))
		last = at;
	return last;
}

/* ---- words around the value ------------------------------------------------------- */

void mistagging_zone_line(const struct evidence *evidence, const char *text, struct text *out)
{
	bool inside = false;

	UNUSED(evidence);
	if (*text == '"')
		return;
	for (; *text; text++) {
		if (*text == '"')
			inside = !inside;
		else if (inside)
			text_add_char(out, *text);
	}
}

void mistagging_second_copy(const struct evidence *evidence, const char *text, struct text *out)
{
	const char *version = version_of(evidence);
	const char *second = *text ? find_word(text + 1, version) : NULL;

	if (second && strncasecmp(text, version, strlen(version)) == 0)
		text_add_bytes(out, text, (size_t)(second - text));
}

void mistagging_leading(const struct evidence *evidence, const char *text, struct text *out)
{
	const char *value = find_last(text, version_of(evidence));

	if (value && value > text)
		text_add(out, value);
}

/* How much of the text, from p= on, is the key itself; 0: it is another. */
static size_t key_extent(const char *text, const char *key)
{
	size_t at = 0;

	while (*key) {
		if (text[at] == '\0' || (text[at] != *key && !blank(text[at])))
			return 0;
		key += text[at] == *key;
		at++;
	}
	return at;
}

/* Tags behind the key are none of this; words are. */
static bool reads_as_tags(const struct evidence *evidence, const char *text)
{
	struct tag_list tags;
	struct err err = { 0 };
	const char *key = NULL;

	if (!tag_list_parse(evidence->arena, text, strlen(text), &tags, &err))
		return false;
	key = tag_list_find(&tags, "p");
	return key && strcmp(evidence_squeeze(evidence->arena, key), evidence->key) == 0;
}

static const char *end_of_key(const struct evidence *evidence, const char *text)
{
	const char *value = find_word(text, "p=");
	size_t size = value ? key_extent(value + 2, evidence->key) : 0;

	return size > 0 && !reads_as_tags(evidence, text) ? value + 2 + size : NULL;
}

/* Nothing belongs behind "all" but modifiers, and those are seldom. */
static const char *end_of_terms(const char *text)
{
	for (const char *at = find_word(text, "all"); at; at = find_word(at + 1, "all"))
		if (at > text && strchr(" +-~?", at[-1]) && at[3] != '\0')
			return at + 3;
	return NULL;
}

static const char *end_of_policy(const char *text)
{
	const char *value = strrchr(text, '=');

	return value ? value + 1 + strcspn(value + 1, " ") : NULL;
}

void mistagging_trailing(const struct evidence *evidence, const char *text, struct text *out)
{
	const char *end = evidence->subject == EVIDENCE_SPF     ? end_of_terms(text)
	                  : evidence->subject == EVIDENCE_DMARC ? end_of_policy(text)
	                                                        : end_of_key(evidence, text);

	if (end)
		text_add_bytes(out, text, (size_t)(end - text));
}

/* ---- tags --------------------------------------------------------------------------- */

enum { PIECES_MOST = 32 };

/* One tag as it is written. */
struct piece {
	const char *text; /* without blanks before it */
	size_t length;    /* up to the ; */
	size_t name;      /* length of the name */
};

static size_t cut_pieces(const char *text, struct piece pieces[PIECES_MOST])
{
	size_t count = 0;

	while (*text && count < PIECES_MOST) {
		struct piece piece = { 0 };

		text += strspn(text, " \t\r\n;");
		piece.text = text;
		piece.length = strcspn(text, ";");
		piece.name = strcspn(text, "=; \t\r\n");
		if (piece.length > 0)
			pieces[count++] = piece;
		text += piece.length;
	}
	return count;
}

static bool same_name(const struct piece *one, const struct piece *other)
{
	return one->name == other->name && strncasecmp(one->text, other->text, one->name) == 0;
}

static void add_piece(struct text *out, const char *text, size_t length)
{
	if (out->length > 0)
		text_add(out, "; ");
	text_add_bytes(out, text, length);
}

void mistagging_second_tag(const struct evidence *evidence, const char *text, struct text *out)
{
	struct piece pieces[PIECES_MOST];
	size_t count = cut_pieces(text, pieces);

	UNUSED(evidence);
	for (size_t i = 0; i < count; i++) {
		struct piece *piece = &pieces[i];
		size_t first = 0;

		while (first < i && !same_name(&pieces[first], piece))
			first++;
		if (first < i)
			continue;
		/* "p=p=MII...": the panel's own p= is there already */
		while (piece->length > 2 * (piece->name + 1)
		       && strncmp(piece->text, piece->text + piece->name + 1, piece->name + 1)
		                  == 0) {
			piece->text += piece->name + 1;
			piece->length -= piece->name + 1;
		}
		add_piece(out, piece->text, piece->length);
	}
}

static bool begins_tag(const char *text)
{
	static const char *const names[] = { "v",  "k",  "p",   "t",   "s",     "h",
		                             "n",  "sp", "np",  "rua", "ruf",   "fo",
		                             "ri", "rf", "pct", "psd", "adkim", "aspf" };

	for (size_t i = 0; i < LENGTH(names); i++) {
		size_t length = strlen(names[i]);

		if (strncmp(text, names[i], length) == 0 && text[length] == '=')
			return true;
	}
	return false;
}

void mistagging_separators(const struct evidence *evidence, const char *text, struct text *out)
{
	UNUSED(evidence);
	while (*text) {
		size_t gap = strspn(text, " ,:|\t");

		if (gap > 0 && out->length > 0 && begins_tag(text + gap)) {
			text_add(out, "; ");
			text += gap;
			continue;
		}
		if (*text == ';')
			gap = strspn(text, "; \t");
		text_add_bytes(out, text, gap > 0 ? gap : 1);
		text += gap > 0 ? gap : 1;
	}
}

static char changed(char c, bool upper)
{
	if (upper)
		return c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

/* Names of tags and of algorithms are small, the version is large. */
void mistagging_letter_case(const struct evidence *evidence, const char *text, struct text *out)
{
	struct piece pieces[PIECES_MOST];
	size_t count = cut_pieces(text, pieces);

	UNUSED(evidence);
	for (size_t i = 0; i < count; i++) {
		char name = pieces[i].name == 1 ? changed(pieces[i].text[0], false) : '\0';

		add_piece(out, "", 0);
		for (size_t at = 0; at < pieces[i].length; at++) {
			char c = pieces[i].text[at];

			if (at < pieces[i].name || name == 'k')
				c = changed(c, false);
			else if (name == 'v')
				c = changed(c, true);
			text_add_char(out, c);
		}
	}
}

void mistagging_version(const struct evidence *evidence, const char *text, struct text *out)
{
	const char *version = version_of(evidence);
	bool spf = evidence->subject == EVIDENCE_SPF;
	size_t length = spf ? strcspn(text, " ") : strcspn(text, ";");

	if (strncasecmp(text, version, 3) != 0)
		return;
	text_add(out, version);
	/* "v=spf1include:...": only the blank is missing */
	if (spf && strncasecmp(text, version, strlen(version)) == 0 && length > strlen(version)) {
		text_addf(out, " %s", text + strlen(version));
		return;
	}
	text_add(out, text + length);
}

void mistagging_version_first(const struct evidence *evidence, const char *text, struct text *out)
{
	struct piece pieces[PIECES_MOST];
	size_t count = cut_pieces(text, pieces);
	const char *version = version_of(evidence);

	if (count < 2 || strncmp(pieces[0].text, "v=", 2) == 0 || !strstr(text, version))
		return;
	text_add(out, version);
	for (size_t i = 0; i < count; i++)
		if (strncmp(pieces[i].text, "v=", 2) != 0)
			add_piece(out, pieces[i].text, pieces[i].length);
}

void mistagging_look(const struct evidence *evidence, mistagging_repair_fn repair,
                     struct evidence_clue *clue)
{
	const char *written = NULL;

	for (size_t i = 0; !clue->certain && (written = evidence_text(evidence, i)); i++) {
		struct text out = { 0 };
		const char *meant = NULL;

		repair(evidence, written, &out);
		meant = evidence_trim(evidence->arena, text_string(&out));
		text_free(&out);
		if (strcmp(meant, written) != 0 && !evidence_is_ours(evidence, written)
		    && evidence_is_ours(evidence, meant))
			misspelling_repaired(evidence, written, meant, clue);
	}
}
