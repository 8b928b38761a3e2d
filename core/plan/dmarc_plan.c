#include "core/plan/plan_part.h"

#include <string.h>

#include "core/base/utf8.h"
#include "core/base/words.h"
#include "core/plan/dmarc_reading.h"
#include "core/record/dmarc_record.h"
#include "core/record/suffix.h"

/* RFC 9989 5.1.4: watch first.  Never p=reject unasked (rules.md D6). */
static const char start[] = "v=DMARC1; p=none";

const char *planner_dmarc_start(struct planner *planner)
{
	const char *report = planner->facts->dmarc_report;

	return report != NULL ? dmarc_record_add_report(planner->arena, start, report) : start;
}

/* The DMARC texts at the name today, fit to be shown; `count` of them. */
static bool texts_today(struct planner *planner, const char *name, const char **text, size_t *count,
                        struct err *err)
{
	struct ask_answer answer;

	if (!plan_part_text(planner, name, &answer, err))
		return false;
	*text = NULL;
	*count = 0;
	for (size_t i = 0; i < answer.count; i++) {
		if (!dmarc_record_is(answer.texts[i].text, answer.texts[i].length))
			continue;
		const char *plain = utf8_plain(planner->arena, answer.texts[i].text,
		                               answer.texts[i].length);
		*text = (*count)++ == 0 ? plain
		                        : arena_print(planner->arena, "%s | %s", *text, plain);
	}
	return true;
}

/* Receivers ignore what stands there, and a second record would not help: its
 * owner must put it right, and nobody else knows which policy was meant. */
static bool mend(struct planner *planner, struct requirement *dmarc, bool *broken, struct err *err)
{
	const char *text;
	size_t count;

	if (!texts_today(planner, dmarc->name, &text, &count, err))
		return false;
	*broken = count > 0;
	if (!*broken)
		return true;
	dmarc->action = ACTION_REPLACE;
	dmarc->present = text;
	dmarc->value = NULL;
	return true;
}

/* D7: an existing record is kept; all we ever ask is to be sent reports, too,
 * and only of the domain's own record: one above speaks for others as well. */
static bool keep(struct planner *planner, const struct facts_domain *domain,
                 const struct dmarc_view *view, struct requirement *dmarc, struct err *err)
{
	const char *report = planner->facts->dmarc_report;
	const char *text;
	size_t count;

	if (!texts_today(planner, view->name, &text, &count, err))
		return false;
	dmarc->name = view->name;
	dmarc->value = text;
	dmarc->action = ACTION_KEEP;
	if (text == NULL || report == NULL || dmarc_record_reports(view->record.rua, report)
	    || strcmp(view->name, dmarc_record_name(planner->arena, domain->name)) != 0)
		return true;
	dmarc->action = ACTION_REPLACE;
	dmarc->present = text;
	dmarc->value = dmarc_record_add_report(planner->arena, text, report);
	dmarc->note = _("only the address for reports is added; the policy stays as it is");
	return true;
}

bool plan_part_dmarc(struct planner *planner, const struct facts_domain *domain, struct err *err)
{
	struct dmarc_reading reading = { 0 };
	const struct dmarc_view *view = &reading.views[DMARC_RFC9989];
	bool broken = false;

	if (planner->ask != NULL
	    && !dmarc_reading_find(planner->arena, planner->ask, domain->name, NULL, &reading, err))
		return false;
	if (planner->ask != NULL && reading.unknown)
		planner->unknown++;
	struct requirement *dmarc = plan_part_add(planner, domain, PURPOSE_DMARC);
	dmarc->required = false;
	dmarc->type = "TXT";
	dmarc->note = reading.broken;
	if (view->name != NULL)
		return keep(planner, domain, view, dmarc, err);
	dmarc->name = dmarc_record_name(planner->arena, domain->name);
	if (reading.broken != NULL && !mend(planner, dmarc, &broken, err))
		return false;
	if (broken)
		return true;
	if (reading.unknown)
		dmarc->note = _("DNS did not say what is published today; shown as an addition");
	dmarc->value = planner_dmarc_start(planner);
	return true;
}

/* RFC 9990 4: reports that leave the customer's organization must be wanted. */
void plan_part_report(struct planner *planner, const struct facts_domain *domain)
{
	const char *report = planner->facts->dmarc_report;
	const char *receiver = report != NULL ? strchr(report, '@') : NULL;
	struct arena *arena = planner->arena;

	if (receiver == NULL || !plan_part_is(domain->mode, "relayed")
	    || strcmp(suffix_registrable(arena, domain->name),
	              suffix_registrable(arena, receiver + 1))
	               == 0)
		return;
	struct requirement *permission = plan_part_add(planner, NULL, PURPOSE_DMARC);
	permission->domain = domain->name;
	permission->required = false;
	permission->type = "TXT";
	permission->name = dmarc_record_report_name(arena, domain->name, receiver + 1);
	permission->value = dmarc_record_report_value();
}
