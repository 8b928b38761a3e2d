#include "core/model/report.h"

#include "core/base/words.h"
#include "core/model/event.h"

bool report_add(struct db *db, const struct scope *scope, const struct facts *facts,
                const char *note, struct err *err)
{
	struct arena arena = { 0 };
	struct tree *detail = tree_map(), *domains = tree_list();
	bool ok = true;

	for (size_t i = 0; ok && i < facts->domain_count; i++) {
		const struct facts_domain *domain = &facts->domains[i];
		ok = db_run(db, STMT_REPORT_ADD,
		            DB_PARAMS(db_number(&arena, facts->provider_id),
		                      db_number(&arena, domain->client_id),
		                      db_number(&arena, domain->id), note),
		            NULL, err);
		tree_push_text(domains, domain->name);
	}
	tree_put(detail, "domains", domains);
	ok = ok
	     && event_add(db,
	                  &(struct event){
				  .provider_id = scope->provider_id,
				  .client_id = scope->client_id,
				  .subject = scope->words,
				  .what = "report.done",
				  .why = note != NULL
	                                         ? note
	                                         : _("the customer says that the records are set"),
				  .detail = detail,
			  },
	                  err);
	tree_drop(detail);
	arena_reset(&arena);
	return ok;
}
