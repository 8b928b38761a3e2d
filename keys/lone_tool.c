#include "keys/lone_tool.h"

#include <stdio.h>

#include "core/base/words.h"
#include "keys/harden.h"
#include "keys/secret.h"
#include "keys/selfcheck.h"

bool lone_tool_begin(struct err *err)
{
	return harden_process(err) && secret_setup(err) && selfcheck_run(err);
}

int lone_tool_end(const char *program, bool ok, struct err *err)
{
	if (ok && (fflush(stdout) != 0 || ferror(stdout) != 0))
		ok = err_errno(err, _("cannot write the answer"));
	if (ok)
		return 0;
	(void)fprintf(stderr, "%s: %s\n", program, err->text);
	if (err->hint[0] != '\0')
		(void)fprintf(stderr, _("hint: %s\n"), err->hint);
	return err_exit_status(err->code);
}
