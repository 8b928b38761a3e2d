#include "core/record/dmarc_record.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "core/base/words.h"
#include "core/record/tag_list.h"

static const char *const words[DMARC_POLICIES] = {
	[DMARC_UNSAID] = "",
	[DMARC_NONE] = "none",
	[DMARC_QUARANTINE] = "quarantine",
	[DMARC_REJECT] = "reject",
};

static enum dmarc_policy policy_of(const char *value)
{
	for (size_t i = DMARC_NONE; value != NULL && i < DMARC_POLICIES; i++)
		if (strcasecmp(value, words[i]) == 0)
			return (enum dmarc_policy)i;
	return DMARC_UNSAID;
}

static bool is(const char *value, const char *word)
{
	return value != NULL && strcasecmp(value, word) == 0;
}

/* One mailto: with an @ behind it is enough to be a valid rua. */
static bool reports_to_somebody(const char *rua)
{
	for (const char *uri = rua; uri != NULL && *uri != '\0';) {
		uri += strspn(uri, " \t\r\n,");
		size_t length = strcspn(uri, ",");
		if (strncasecmp(uri, "mailto:", 7) == 0 && memchr(uri, '@', length) != NULL)
			return true;
		uri += length;
	}
	return false;
}

static int percent_of(const char *value)
{
	size_t digits = value != NULL ? strspn(value, "0123456789") : 0;
	int number = 0;

	if (digits == 0 || digits > 3 || value[digits] != '\0')
		return 100;
	for (size_t i = 0; i < digits; i++)
		number = number * 10 + (value[i] - '0');
	return number <= 100 ? number : 100;
}

bool dmarc_record_is(const char *text, size_t length)
{
	size_t at = 0;

	/* v [WSP] = [WSP] DMARC1, then the end, a blank or ";" (RFC 9989 4.8). */
	if (length == 0 || text[at++] != 'v')
		return false;
	while (at < length && (text[at] == ' ' || text[at] == '\t'))
		at++;
	if (at == length || text[at++] != '=')
		return false;
	while (at < length && (text[at] == ' ' || text[at] == '\t'))
		at++;
	if (length - at < 6 || strncmp(text + at, "DMARC1", 6) != 0)
		return false;
	at += 6;
	return at == length || text[at] == ';' || text[at] == ' ' || text[at] == '\t';
}

/* The tag-list grammar, as receivers must take it: "syntax errors in the remainder
 * of the record MUST be discarded in favor of default values (if any) or ignored
 * outright" (RFC 9989 4.8).  A tag that stands twice makes the list void (RFC 6376 3.2). */
static bool tags_read(struct arena *arena, const char *text, size_t length, struct tag_list *tags,
                      const char **faulty, struct err *err)
{
	tags->count = 0;
	for (size_t from = 0; from < length;) {
		const char *end = memchr(text + from, ';', length - from);
		size_t to = end != NULL ? (size_t)(end - text) : length;
		struct tag_list one;
		struct err ignored = { 0 };

		if (!tag_list_parse(arena, text + from, to - from, &one, &ignored))
			one.count = 0;
		bool blank = strspn(arena_copy_part(arena, text + from, to - from), " \t\r\n")
		             == to - from;
		if (one.count == 1 && tag_list_find(tags, one.tags[0].name) != NULL)
			return err_set(err, ERR_INPUT, _("column %zu: tag \"%s\" stands twice"),
			               from + one.tags[0].column, one.tags[0].name);
		if (one.count == 1 && tags->count < TAG_LIST_TAGS)
			tags->tags[tags->count++] = one.tags[0];
		else if (!blank && *faulty == NULL)
			*faulty = arena_copy_part(arena, text + from, to - from);
		from = to + 1;
	}
	return true;
}

bool dmarc_record_parse(struct arena *arena, const char *text, size_t length,
                        struct dmarc_record *record, struct err *err)
{
	struct tag_list tags;

	*record = (struct dmarc_record){ 0 };
	if (!dmarc_record_is(text, length))
		return err_set(err, ERR_INPUT, _("it does not begin with v=DMARC1"));
	if (!tags_read(arena, text, length, &tags, &record->faulty, err))
		return false;
	record->rua = tag_list_find(&tags, "rua");
	record->ruf = tag_list_find(&tags, "ruf");
	record->policy = policy_of(tag_list_find(&tags, "p"));
	if (record->policy == DMARC_UNSAID) {
		if (!reports_to_somebody(record->rua))
			return err_set(err, ERR_INPUT,
			               _("p= is missing or unknown and no rua= names an address"));
		record->policy = DMARC_NONE;
		record->policy_assumed = true;
	}
	record->subdomain_policy = policy_of(tag_list_find(&tags, "sp"));
	record->missing_policy = policy_of(tag_list_find(&tags, "np"));
	record->strict_dkim = is(tag_list_find(&tags, "adkim"), "s");
	record->strict_spf = is(tag_list_find(&tags, "aspf"), "s");
	record->testing = is(tag_list_find(&tags, "t"), "y");
	const char *psd = tag_list_find(&tags, "psd");
	record->psd = is(psd, "y")   ? DMARC_PSD_YES
	              : is(psd, "n") ? DMARC_PSD_NO
	                             : DMARC_PSD_UNKNOWN;
	record->old_tags = tag_list_find(&tags, "pct") != NULL || tag_list_find(&tags, "rf") != NULL
	                   || tag_list_find(&tags, "ri") != NULL;
	record->percent = percent_of(tag_list_find(&tags, "pct"));
	return true;
}

void dmarc_record_render(struct text *out, const struct dmarc_record *record)
{
	text_addf(out, "v=DMARC1; p=%s", words[record->policy]);
	if (record->subdomain_policy != DMARC_UNSAID)
		text_addf(out, "; sp=%s", words[record->subdomain_policy]);
	if (record->missing_policy != DMARC_UNSAID)
		text_addf(out, "; np=%s", words[record->missing_policy]);
	if (record->strict_dkim)
		text_add(out, "; adkim=s");
	if (record->strict_spf)
		text_add(out, "; aspf=s");
	if (record->psd != DMARC_PSD_UNKNOWN)
		text_addf(out, "; psd=%c", record->psd == DMARC_PSD_YES ? 'y' : 'n');
	if (record->testing)
		text_add(out, "; t=y");
	if (record->rua != NULL)
		text_addf(out, "; rua=%s", record->rua);
	if (record->ruf != NULL)
		text_addf(out, "; ruf=%s", record->ruf);
}

const char *dmarc_record_word(enum dmarc_policy policy)
{
	return words[policy];
}

enum dmarc_policy dmarc_record_policy(const struct dmarc_record *record, bool own, bool exists)
{
	enum dmarc_policy policy = record->policy;

	if (!own && !exists && record->missing_policy != DMARC_UNSAID)
		policy = record->missing_policy;
	else if (!own && record->subdomain_policy != DMARC_UNSAID)
		policy = record->subdomain_policy;
	if (record->testing && policy > DMARC_NONE)
		policy = (enum dmarc_policy)(policy - 1);
	return policy;
}

const char *dmarc_record_name(struct arena *arena, const char *domain)
{
	return arena_print(arena, "_dmarc.%s", domain);
}

const char *dmarc_record_mailto(struct arena *arena, const char *address)
{
	struct text out = { 0 };

	text_add(&out, "mailto:");
	for (const char *p = address; *p != '\0'; p++)
		if (isalnum((unsigned char)*p) || strchr("@.-_~+", *p) != NULL)
			text_add_char(&out, *p);
		else
			text_addf(&out, "%%%02X", (unsigned)(unsigned char)*p);
	const char *mailto = arena_copy(arena, text_string(&out));
	text_free(&out);
	return mailto;
}

/* A size limit ("!10m") of RFC 7489 may follow an address. */
bool dmarc_record_reports(const char *rua, const char *address)
{
	struct arena arena = { 0 };
	const char *mailto = dmarc_record_mailto(&arena, address);
	size_t length = strlen(mailto);
	bool found = false;

	for (const char *uri = rua; uri != NULL && *uri != '\0' && !found;) {
		uri += strspn(uri, " \t\r\n,");
		found = strncasecmp(uri, mailto, length) == 0
		        && (uri[length] == '\0' || strchr(" \t\r\n,!", uri[length]) != NULL);
		uri += strcspn(uri, ",");
	}
	arena_reset(&arena);
	return found;
}

/* The end of the value of rua=; NULL when the record has none. */
static const char *rua_end(const char *text)
{
	for (const char *tag = text; *tag != '\0';) {
		const char *end = tag + strcspn(tag, ";");
		const char *name = tag + strspn(tag, " \t\r\n");
		if (strncmp(name, "rua", 3) == 0 && name[3 + strspn(name + 3, " \t\r\n")] == '=') {
			while (end > name && strchr(" \t\r\n", end[-1]) != NULL)
				end--;
			return end;
		}
		tag = end + (*end == ';');
	}
	return NULL;
}

const char *dmarc_record_add_report(struct arena *arena, const char *text, const char *address)
{
	const char *mailto = dmarc_record_mailto(arena, address);
	const char *end = rua_end(text);
	size_t length = strlen(text);

	if (end != NULL)
		return arena_print(arena, "%.*s%s%s%s", (int)(end - text), text,
		                   end[-1] == '=' ? "" : ",", mailto, end);
	while (length > 0 && strchr(" \t\r\n;", text[length - 1]) != NULL)
		length--;
	return arena_print(arena, "%.*s; rua=%s", (int)length, text, mailto);
}

const char *dmarc_record_report_name(struct arena *arena, const char *domain, const char *receiver)
{
	return arena_print(arena, "%s._report._dmarc.%s", domain, receiver);
}

const char *dmarc_record_report_value(void)
{
	return "v=DMARC1";
}
