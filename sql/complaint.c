#include "sql/complaint.h"

#include <string.h>

#include "core/base/words.h"

/* One row per rule of the schema that a person can break. */
static const struct complaint {
	const char *rule;
	const char *sentence;
	const char *hint;
} complaints[] = {
#include "sql/complaint_rows.inc"
};

bool complaint_set(struct err *err, const char *state, const char *rule, const char *what,
                   const char *primary)
{
	/* 40001 serialization, 40P01 deadlock: somebody was faster, do it again */
	if (strcmp(state, "40001") == 0 || strcmp(state, "40P01") == 0)
		return err_set(err, ERR_AGAIN, _("somebody else changed the same rows"));
	for (size_t i = 0; rule != NULL && i < LENGTH(complaints); i++) {
		if (strcmp(complaints[i].rule, rule) != 0)
			continue;
		enum err_code code = strncmp(state, "23505", 5) == 0
		                                     || strncmp(state, "23P01", 5) == 0
		                             ? ERR_CONFLICT
		                             : ERR_REFUSED;
		(void)err_set(err, code, "%s", _(complaints[i].sentence));
		if (complaints[i].hint != NULL)
			(void)err_hint(err, "%s", _(complaints[i].hint));
		return false;
	}
	if (strcmp(state, "42501") == 0) {
		(void)err_set(err, ERR_DENIED, _("the database refuses this to you: %s"), primary);
		return err_hint(err, _("\"senderctl user list\" shows who may do what"));
	}
	if (strncmp(state, "23", 2) == 0 || strcmp(state, "SC001") == 0)
		return err_set(err, ERR_CONFLICT, "%s (%s)", primary, rule != NULL ? rule : what);
	if (strncmp(state, "42P01", 5) == 0 || strncmp(state, "3F000", 5) == 0) {
		(void)err_set(err, ERR_DATABASE,
		              _("this database has no senderctl schema, or an old one"));
		return err_hint(
			err,
			_("senderctl db init (a new database), senderctl db migrate (an old one)"));
	}
	if (strcmp(state, "53100") == 0)
		return err_set(err, ERR_DATABASE,
		               _("the database server's disk is full; nothing was changed"));
	return err_set(err, ERR_DATABASE, "%s: %s", what, primary);
}

const char *complaint_rule(size_t index)
{
	return index < LENGTH(complaints) ? complaints[index].rule : NULL;
}
