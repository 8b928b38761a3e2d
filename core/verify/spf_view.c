#include "core/verify/spf_view.h"

#include <string.h>

static const struct dns_answer *ask_view(void *context, const char *name, int type)
{
	struct spf_view *view = context;

	if (type == DNS_TXT && strcmp(name, view->domain) == 0)
		return view->answer;
	return inquiry_ask(view->inquiry, name, type);
}

void spf_view_text(struct spf_view *view, const char *text)
{
	view->record = (struct dns_record){ .name = view->domain,
		                            .type = DNS_TXT,
		                            .text = text,
		                            .text_length = text ? strlen(text) : 0 };
	view->chosen = (struct dns_answer){ .outcome = text ? DNS_FOUND : DNS_NO_DATA,
		                            .records = &view->record,
		                            .record_count = text != NULL,
		                            .last_name = view->domain };
	view->answer = &view->chosen;
}

struct spf_check_source spf_view_source(struct spf_view *view)
{
	return (struct spf_check_source){ ask_view, view };
}
