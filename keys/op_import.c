#include <string.h>

#include "core/base/words.h"
#include "keys/operation.h"
#include "keys/secret_line.h"

static bool selector_ok(const char *selector, struct err *err)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789-";
	size_t length = selector != NULL ? strlen(selector) : 0;
	bool ok = length > 0 && length <= 63 && strspn(selector, letters) == length
	          && selector[0] != '-' && selector[length - 1] != '-';

	return ok
	       || err_set(err, ERR_INPUT,
	                  _("a selector is one label: small letters, digits and hyphens"));
}

/* A key that somebody else made.  From here on it is like any other: its
 * record has to be seen before it signs. */
bool op_import(struct call *call, struct err *err)
{
	struct key_wish *wish = &call->wish;
	const char *selector = tree_find_text(call->question, "selector");
	char detail[128];
	bool done = false;

	*wish = (struct key_wish){ .imported = true };
	if (!keyd_number(call, "domain", &wish->domain_id, err) || !selector_ok(selector, err))
		return false;
	(void)snprintf(wish->selector, sizeof wish->selector, "%s", selector);
	(void)snprintf(detail, sizeof detail, "%lld|%s", wish->domain_id, wish->selector);
	if (!keyd_asked(call, detail, &wish->asked, err))
		return false;
	if (call->fds->count != 1)
		return err_set(err, ERR_INPUT,
		               _("a question to the key service lacks its descriptor"));
	if (!op_generate_look(call, &done, err))
		return false;
	if (done)
		return true;
	if (!secret_line_read(call->fds->fd[0], _("the key"), KEY_TEXT_MOST, &wish->text, err))
		return false;
	call->later = CALL_CAST;
	return true;
}
