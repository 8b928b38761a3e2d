#pragma once

/*
 * sheet_model -- what a hand-over sheet says, as one tree without words: facts
 * and flags that the templates of both languages put into sentences.
 *
 * The tree is stored with the sheet and is all that rendering needs, so that
 * an old sheet can be shown again exactly.
 *
 * Owner:   the caller drops the tree.
 * Failure: none.
 */

#include "core/base/arena.h"
#include "core/base/tree.h"
#include "core/model/facts.h"
#include "core/model/requirement.h"

struct sheet_model {
	const struct facts *facts;
	const struct requirement_list *requirements; /* of all domains in `facts`, in their order */
	const char *const *zones;                    /* beside facts->domains; NULL: not known */
	const char *client;                          /* short name */
	const char *client_title;
	const char *client_contact; /* NULL: none */
	const char *language;
};

struct tree *sheet_model_tree(struct arena *arena, const struct sheet_model *model);
