#include "cli/remedy.h"

#include <string.h>

#include "core/base/text.h"
#include "core/base/words.h"
#include "core/plan/planner.h"
#include "core/record/zone_text.h"
#include "core/verify/diagnosis.h"

static struct remedy say(const char *sentence)
{
	return (struct remedy){ .sentence = sentence };
}

static const char *sentence_of(struct arena *arena, enum verdict_state state, const char *record)
{
	if (state == VERDICT_MISPLACED)
		return arena_print(arena, _("move it to %s"), record);
	if (state == VERDICT_MISSING)
		return arena_print(arena, _("publish %s"), record);
	return arena_print(arena, _("correct it to %s"), record);
}

/* A record as panels want it, in three parts and without quotes; one string of
 * a zone file is not longer than 255 octets. */
static struct remedy say_record(struct arena *arena, enum verdict_state state, const char *name,
                                const char *type, const char *value)
{
	const char *record = arena_print(arena, "%s  %s  %s", name, type, value);
	struct remedy remedy = say(sentence_of(arena, state, record));
	struct text line = { 0 };

	zone_text_line(&line, arena, name, PLANNER_TTL, type, value);
	remedy.zone_line = arena_copy_part(arena, text_string(&line),
	                                   strcspn(text_string(&line), "\n"));
	text_free(&line);
	return remedy;
}

static const char *lint_sentence(struct arena *arena, const struct verdict *verdict)
{
	return arena_print(arena, _("senderctl spf lint --domain %s explains the record"),
	                   verdict->requirement->name);
}

/* A mistake was recognised: the line as it should be, or who knows it. */
static struct remedy of_diagnosis(struct arena *arena, const struct verdict *verdict)
{
	const struct diagnosis *diagnosis = verdict->diagnosis;
	struct remedy remedy;

	if (diagnosis->remedy == EVIDENCE_OWNER)
		return say(_("ask the customer which policy it shall be; only that record stays"));
	if (diagnosis->remedy == EVIDENCE_LINT)
		return say(lint_sentence(arena, verdict));
	if (!diagnosis->value)
		return say(arena_print(arena,
		                       _("senderctl record list %s --dns shows the record as it "
		                         "should be"),
		                       verdict->requirement->domain));
	remedy = say_record(arena, verdict->state, diagnosis->name, diagnosis->type,
	                    diagnosis->value);
	if (diagnosis->remedy == EVIDENCE_MEND)
		remedy.then =
			arena_print(arena,
		                    _("senderctl record list %s --dns says what is still to be "
		                      "added"),
		                    verdict->requirement->domain);
	return remedy;
}

static struct remedy of_missing(struct arena *arena, const struct verdict *verdict)
{
	const struct requirement *requirement = verdict->requirement;

	if (requirement->purpose == PURPOSE_RETURN)
		return say(_("publish an MX record there, or let replies go to another domain "
		             "with --reply-to"));
	if (requirement->purpose == PURPOSE_SITE)
		return say(_("let the host name point to the product"));
	if (!requirement_is_record(requirement))
		return say(_("ask the customer whether the server is up and reachable from "
		             "here"));
	if (requirement->purpose == PURPOSE_DKIM && !requirement->value)
		return say(_("senderctl key generate"));
	if (requirement->addition && *verdict->found)
		return say(arena_print(arena,
		                       _("add %s to the SPF record of %s, before its \"all\""),
		                       requirement->addition, requirement->name));
	return say_record(arena, verdict->state, requirement->name, requirement->type,
	                  requirement->value);
}

/* Ours is the key, and the host that takes bounces; the rest is the customer's. */
static struct remedy of_conflict(struct arena *arena, const struct verdict *verdict)
{
	const struct requirement *requirement = verdict->requirement;

	if (requirement->purpose == PURPOSE_SITE)
		return say(_("put the URL right, here or on its web server"));
	if (!requirement_is_record(requirement))
		return say(_("ask the customer to put the server right"));
	if (requirement->addition)
		return say(lint_sentence(arena, verdict));
	if (requirement->value && requirement->purpose != PURPOSE_DMARC)
		return say_record(arena, verdict->state, requirement->name, requirement->type,
		                  requirement->value);
	return say(arena_print(arena, _("correct %s %s"), requirement->name, requirement->type));
}

struct remedy remedy_find(struct arena *arena, const struct verdict *verdict)
{
	if (verdict->diagnosis)
		return of_diagnosis(arena, verdict);
	switch (verdict->state) {
	case VERDICT_MISSING:
		return of_missing(arena, verdict);
	case VERDICT_CONFLICT:
		return of_conflict(arena, verdict);
	case VERDICT_PROPAGATING:
		return say(_("wait, and check again"));
	case VERDICT_UNKNOWN:
		return say(_("nothing was changed by this; check again later"));
	case VERDICT_MATCH:
	case VERDICT_MISPLACED: /* always with a diagnosis */
	case VERDICT_WAIVED:
	case VERDICT_STATES:
		break;
	}
	return say(NULL);
}
