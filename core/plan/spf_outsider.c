#include "core/plan/spf_outsider.h"

#include "core/base/text.h"
#include "core/base/words.h"

static const char *joined(struct arena *arena, const struct spf_merge_wish *wish)
{
	struct text out = { 0 };
	const char *terms = NULL;

	for (size_t i = 0; i < wish->term_count; i++)
		text_addf(&out, "%s%s", i > 0 ? " " : "", wish->terms[i]);
	terms = arena_copy(arena, text_string(&out));
	text_free(&out);
	return terms;
}

bool spf_outsider_find(struct arena *arena, const struct ask *ask, const char *domain,
                       const struct spf_merge_wish *wish, const char **reason, struct err *err)
{
	const char *terms = joined(arena, wish);

	*reason = NULL;
	if (ask == NULL || ask->spf == NULL || wish->term_count == 0)
		return true;
	for (size_t i = 0; i < wish->relay_count && *reason == NULL; i++) {
		struct ask_spf question = {
			.domain = domain,
			.record = arena_print(arena, "v=spf1 %s -all", terms),
			.address = wish->relays[i],
			.helo = domain,
		};
		struct spf_check_verdict verdict;

		if (!ask->spf(ask->context, arena, &question, &verdict, err))
			return false;
		if (verdict.result == SPF_FAIL)
			*reason = arena_print(arena, _("%s is not let in by %s"), wish->relays[i],
			                      terms);
	}
	return true;
}
