#include "core/record/spf_mend.h"

#include <string.h>
#include <strings.h>

#include "core/base/text.h"
#include "core/record/spf_head.h"
#include "core/record/spf_lint.h"

static const char version[] = "v=spf1";

bool spf_mend_is_wrapped(struct arena *arena, const char *text)
{
	struct spf_head head;
	size_t length = strlen(text);
	size_t start = 0;

	if (spf_record_is(text, length))
		return false;
	spf_head_read(arena, text, length, &head);
	if (head.foreign || head.problem_count != 1 || head.problems[0].column != 1
	    || head.terms < sizeof version - 1)
		return false;
	/* Letters before the version are more than a wrapping. */
	start = head.terms - (sizeof version - 1);
	for (size_t i = 0; i < start; i++)
		if ((unsigned char)text[i] > ' ' && !strchr("\"'\\", text[i])
		    && (unsigned char)text[i] < 0x80)
			return false;
	return strncasecmp(text + start, version, sizeof version - 1) == 0;
}

static const char *unwrap(struct arena *arena, const char *text)
{
	struct spf_head head;

	if (!spf_mend_is_wrapped(arena, text))
		return text;
	spf_head_read(arena, text, strlen(text), &head);
	return arena_print(arena, "%s%s", version,
	                   arena_copy_part(arena, text + head.terms, head.end - head.terms));
}

static bool is_good(struct arena *arena, const char *text)
{
	struct spf_record record = { 0 };
	struct spf_lint lint;
	struct err ignored = { 0 };

	if (!spf_record_is(text, strlen(text))
	    || !spf_record_parse(arena, text, strlen(text), &record, &ignored))
		return false;
	spf_lint_run(arena, text, strlen(text), NULL, &lint);
	return lint.errors == 0;
}

/* The advice about one token: its own finding may be the first of several. */
static const char *advice_at(const struct spf_lint *lint, size_t i, size_t *replaces)
{
	for (size_t k = i; k < lint->count && lint->findings[k].start == lint->findings[i].start;
	     k++)
		if (lint->findings[k].meant) {
			*replaces = lint->findings[k].replaces;
			return lint->findings[k].meant;
		}
	return NULL;
}

/* Each token with an error, replaced; NULL when there is one without advice. */
static const char *replace(struct arena *arena, const char *text, const struct spf_lint *lint,
                           const char **fault)
{
	struct text out = { 0 };
	const char *mended = NULL;
	size_t done = 0;
	bool certain = true;

	for (size_t i = 0; i < lint->count && certain; i++) {
		const struct spf_finding *finding = &lint->findings[i];
		size_t replaces = 0;
		const char *meant = NULL;

		if (finding->severity != SPF_ERROR
		    || (finding->start > 0 && finding->start <= done))
			continue;
		meant = finding->start > 0 ? advice_at(lint, i, &replaces) : NULL;
		certain = meant != NULL;
		if (!certain)
			break;
		if (fault && !*fault)
			*fault = finding->token;
		text_add(&out, arena_copy_part(arena, text + done, finding->start - 1 - done));
		text_add(&out, meant);
		done = finding->start - 1 + replaces;
	}
	text_add(&out, text + done);
	mended = certain ? arena_copy(arena, text_string(&out)) : NULL;
	text_free(&out);
	return mended;
}

const char *spf_mend(struct arena *arena, const char *text, const char **fault)
{
	const char *bare = unwrap(arena, text);
	const char *token = bare != text ? text : NULL;
	const char *mended = NULL;
	struct spf_lint lint;

	spf_lint_run(arena, bare, strlen(bare), NULL, &lint);
	mended = replace(arena, bare, &lint, &token);
	if (!mended || strcmp(mended, text) == 0 || !is_good(arena, mended))
		return NULL;
	if (fault)
		*fault = token;
	return mended;
}
