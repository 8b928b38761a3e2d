#include "core/plan/spf_limit.h"

#include <string.h>

#include "core/base/words.h"

static void judge(struct arena *arena, const struct spf_limit *limit, struct spf_merge *merge)
{
	const struct spf_price *then = &limit->then;

	if (then->lookups > SPF_LOOKUP_LIMIT)
		spf_merge_refuse(merge,
		                 arena_print(arena,
		                             _("with all includes the record would need more than "
		                               "%d DNS lookups (%zu counted)"),
		                             SPF_LOOKUP_LIMIT, then->lookups));
	else if (then->dead != NULL && limit->today.dead == NULL)
		spf_merge_refuse(merge, arena_print(arena,
		                                    _("%s has no good SPF record: everybody would "
		                                      "get permerror, the domain's own mail too"),
		                                    then->dead));
	else if (then->voids > SPF_VOID_LIMIT && limit->today.voids <= SPF_VOID_LIMIT)
		spf_merge_refuse(merge,
		                 arena_print(arena,
		                             _("%zu look-ups of the record would find nothing; "
		                               "receivers stop after %d"),
		                             then->voids, SPF_VOID_LIMIT));
}

static void warn(struct arena *arena, const struct spf_limit *limit, struct spf_merge *merge)
{
	const struct spf_price *today = &limit->today;

	if (today->lookups > SPF_LOOKUP_LIMIT)
		spf_merge_warn(merge, arena_print(arena,
		                                  _("the record needs %zu DNS lookups already; "
		                                    "receivers stop at %d and answer permerror"),
		                                  today->lookups, SPF_LOOKUP_LIMIT));
	if (today->dead != NULL)
		spf_merge_warn(merge, arena_print(arena,
		                                  _("%s has no good SPF record: receivers answer "
		                                    "permerror today already"),
		                                  today->dead));
	if (today->voids > SPF_VOID_LIMIT)
		spf_merge_warn(merge, arena_print(arena,
		                                  _("%zu look-ups of the record find nothing today "
		                                    "already; receivers stop after %d"),
		                                  today->voids, SPF_VOID_LIMIT));
	if (limit->then.unknown > 0)
		spf_merge_warn(merge,
		               arena_print(arena,
		                           ngettext("%zu include could not be followed: the record "
		                                    "may need more look-ups than counted",
		                                    "%zu includes could not be followed: the "
		                                    "record may need more look-ups than counted",
		                                    limit->then.unknown),
		                           limit->then.unknown));
}

bool spf_limit_check(struct arena *arena, const struct ask *ask, const char *domain,
                     struct spf_merge *merge, struct spf_limit *limit, struct err *err)
{
	const char *then = merge->would_be != NULL ? merge->would_be : merge->record;

	*limit = (struct spf_limit){ .then.lookups = merge->lookups };
	/* A record that is broken, or that must not be touched, is worth no question. */
	if (ask == NULL || (merge->outcome == SPF_MERGE_REFUSED && merge->would_be == NULL))
		return true;
	if (!spf_price(arena, ask, domain, then, &limit->then, err))
		return false;
	if (merge->present != NULL && strcmp(merge->present, then) == 0)
		limit->today = limit->then;
	else if (merge->present != NULL && merge->spf_count == 1
	         && !spf_price(arena, ask, domain, merge->present, &limit->today, err))
		return false;
	if (merge->outcome == SPF_MERGE_MERGED)
		judge(arena, limit, merge);
	warn(arena, limit, merge);
	return true;
}
