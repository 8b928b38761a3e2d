#include "core/record/suffix.h"

#include <libpsl.h>

/* The newest list of the machine, else the built-in one; loaded once, kept to
 * the end of the process. */
static const psl_ctx_t *list(void)
{
	static const psl_ctx_t *loaded;

	if (loaded == NULL)
		loaded = psl_latest(NULL);
	if (loaded == NULL)
		loaded = psl_builtin();
	return loaded;
}

bool suffix_is_public(const char *name)
{
	/* A single unknown word is not a suffix we know of: without the default
	 * rule "*", private test names stay ordinary. */
	return list() != NULL
	       && psl_is_public_suffix2(list(), name, PSL_TYPE_ANY | PSL_TYPE_NO_STAR_RULE) == 1;
}

const char *suffix_registrable(struct arena *arena, const char *name)
{
	const char *found = list() != NULL ? psl_registrable_domain(list(), name) : NULL;

	return arena_copy(arena, found != NULL ? found : name);
}
