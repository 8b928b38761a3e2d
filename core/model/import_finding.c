#include "core/model/import_finding.h"

#include "core/base/words.h"

void import_finding_add(struct import_findings *findings, const char *place, const struct err *why)
{
	findings->total++;
	if (findings->count == IMPORT_FINDINGS)
		return;
	findings->kept[findings->count++] = (struct import_finding){
		.place = arena_copy(findings->arena, place),
		.text = arena_copy(findings->arena, why->text),
		.hint = arena_copy(findings->arena, why->hint),
	};
}

const char *import_finding_line(const struct import_findings *findings, size_t index)
{
	const struct import_finding *finding = &findings->kept[index];

	return arena_print(findings->arena, "%s: %s%s%s", findings->file, finding->place,
	                   finding->place[0] != '\0' ? ": " : "", finding->text);
}

bool import_finding_err(const struct import_findings *findings, struct err *err)
{
	if (findings->total == 1) {
		(void)err_set(err, ERR_INPUT, "%s", import_finding_line(findings, 0));
		return err_hint(err, "%s", findings->kept[0].hint);
	}
	(void)err_set(err, ERR_INPUT, _("%s: %lld findings; nothing was stored"), findings->file,
	              findings->total);
	if (findings->total > (long long)findings->count)
		return err_hint(err, _("the first %zu are listed; mend them and try again"),
		                findings->count);
	return err_hint(err, _("mend them and try again"));
}
