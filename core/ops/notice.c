#include "core/ops/notice.h"

#include "core/base/tree.h"
#include "core/ops/consequence.h"
#include "core/ops/digest.h"

enum { NOTICE_VERSION = 1 };

void notice_render(const struct change *change, struct text *out)
{
	struct tree *map = tree_map();
	struct text sentence = { 0 };

	digest_sentence(change, &sentence);
	tree_put_number(map, "version", NOTICE_VERSION);
	tree_put_text(map, "id", change->uuid);
	tree_put_text(map, "at", change->at);
	tree_put_text(map, "provider", change->provider);
	tree_put_text(map, "client", change->client);
	tree_put_text(map, "domain", change->domain);
	tree_put_text(map, "change", change->kind);
	tree_put_text(map, "purpose", change->purpose);
	tree_put_text(map, "name", change->name);
	tree_put_text(map, "sentence", text_string(&sentence));
	tree_put_text(map, "meaning", consequence_of(change));
	tree_put(map, "detail", tree_copy(change->detail));
	tree_render(map, false, out);
	tree_drop(map);
	text_free(&sentence);
}
