#include "keys/harden.h"

#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "core/base/words.h"

bool harden_process(struct err *err)
{
	const struct rlimit none = { 0, 0 };

	(void)umask(077);
	/* a change of uid would set "dumpable" again, so this comes after any */
	if (setrlimit(RLIMIT_CORE, &none) != 0 || prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0
	    || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		return err_errno(err, _("this process could not be protected"));
	return true;
}
