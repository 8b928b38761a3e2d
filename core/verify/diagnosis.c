#include "core/verify/diagnosis.h"

#include "core/base/words.h"
#include "core/verify/mispointing.h"
#include "core/verify/misplacement.h"
#include "core/verify/misspelling.h"
#include "core/verify/misstatement.h"
#include "core/verify/mistaken_key.h"
#include "core/verify/mistagging.h"

enum {
	KEY = EVIDENCE_KEY,
	POINTER = EVIDENCE_POINTER,
	SPF = EVIDENCE_SPF,
	DMARC = EVIDENCE_DMARC,
	MX = EVIDENCE_MX,
	DKIM = KEY | POINTER,
	TEXT = KEY | SPF | DMARC,
	ALL = TEXT | POINTER | MX,
};

typedef bool (*probe_fn)(const struct evidence *evidence, struct evidence_clue *clue);

/* Is the row also about a record that does its work today, and will not for long? */
enum while_right {
	NOT_WHILE_RIGHT,
	BY_ITS_TEXT, /* it looks at nothing else */
	BY_ASKING,   /* it asks the zone's servers */
};

struct mistake {
	const char *word;
	const char *sentence; /* the thing that is wrong follows, behind a colon */
	unsigned about;
	enum verdict_state state; /* VERDICT_STATES: as the check found */
	enum while_right while_right;
	/* one of these four */
	const char *places;
	const struct spelling *spellings;
	mistagging_repair_fn repair;
	probe_fn probe;
};

#define PLACES(list)   VERDICT_MISPLACED, NOT_WHILE_RIGHT, list, NULL, NULL, NULL
#define SPELLING(list) VERDICT_CONFLICT, NOT_WHILE_RIGHT, NULL, list, NULL, NULL
#define REPAIR(call)   VERDICT_CONFLICT, NOT_WHILE_RIGHT, NULL, NULL, call, NULL
#define PROBE(call)    VERDICT_CONFLICT, NOT_WHILE_RIGHT, NULL, NULL, NULL, call

/* Read a row aloud.  Those of the content stand before those that only name a
 * stranger's, so that the mistake is named that explains most. */
static const struct mistake mistakes[] = {
	{ "cname-and-txt", N_("CNAME and TXT stand at one name; the CNAME must stand alone"),
	  POINTER, VERDICT_CONFLICT, BY_ASKING, NULL, NULL, NULL, mispointing_beside_text },
	{ "flattened",
	  N_("the key is there and the CNAME is not (flattened, or an old TXT): the next key will "
	     "not be seen"),
	  POINTER, VERDICT_STATES, BY_ASKING, NULL, NULL, NULL, mispointing_flattened },
	{ "several-records", N_("several records stand here, and only one may; this one goes"), KEY,
	  PROBE(misstatement_several_keys) },
	{ "several-spf-records",
	  N_("several SPF records stand here, and receivers answer permerror; one must say what "
	     "they all say"),
	  SPF, PROBE(misstatement_several_spf) },
	{ "several-policies",
	  N_("several DMARC records stand here, and receivers ignore them all; the customer must "
	     "decide which one stays"),
	  DMARC, PROBE(misstatement_several_policies) },
	{ "split-in-records", N_("the strings of one value stand as records of their own"), KEY,
	  PROBE(mistaken_key_split) },
	{ "zone-file-line", N_("a whole line of a zone file was pasted into the value"), TEXT,
	  REPAIR(mistagging_zone_line) },
	{ "quotes", N_("quotation marks stand inside the value"), TEXT,
	  SPELLING(misspelling_quotes) },
	{ "line-break", N_("line breaks stand inside the value"), TEXT,
	  SPELLING(misspelling_line_breaks) },
	{ "backslash", N_("backslashes stand inside the value"), TEXT,
	  SPELLING(misspelling_backslashes) },
	{ "entities", N_("HTML stands inside the value"), TEXT, SPELLING(misspelling_entities) },
	{ "look-alikes", N_("a word processor put characters in that only look right"), TEXT,
	  SPELLING(misspelling_look_alikes) },
	{ "pasted-twice", N_("the value was pasted twice"), KEY | DMARC,
	  REPAIR(mistagging_second_copy) },
	{ "leading-text", N_("other words stand before the value"), TEXT,
	  REPAIR(mistagging_leading) },
	{ "tag-twice", N_("a tag stands twice"), KEY | DMARC, REPAIR(mistagging_second_tag) },
	{ "trailing-text", N_("other words stand behind the value"), TEXT,
	  REPAIR(mistagging_trailing) },
	{ "letter-case", N_("capital and small letters were changed"), KEY | DMARC,
	  REPAIR(mistagging_letter_case) },
	{ "separators", N_("semicolons are missing between the tags"), KEY | DMARC,
	  REPAIR(mistagging_separators) },
	{ "wrong-version", N_("the version at the beginning is wrong"), TEXT,
	  REPAIR(mistagging_version) },
	{ "version-not-first", N_("the version does not stand at the beginning"), KEY | DMARC,
	  REPAIR(mistagging_version_first) },
	{ "swapped-strings", N_("the strings of the value stand in the wrong order"), KEY,
	  PROBE(mistaken_key_swapped) },
	{ "cut-at-255", N_("the panel cut the value at 255 characters"), KEY,
	  PROBE(mistaken_key_cut_at_255) },
	{ "cut", N_("only a part of the key is there"), KEY, PROBE(mistaken_key_cut) },
	{ "key-in-small-letters", N_("the key lost its capital letters"), KEY,
	  PROBE(mistaken_key_small_letters) },
	{ "only-the-key", N_("only the key was pasted, without the tags before it"), KEY,
	  PROBE(mistaken_key_alone) },
	{ "no-p-tag", N_("p= is missing before the key"), KEY, PROBE(mistaken_key_without_p) },
	{ "wrong-tags", N_("the key is right and the tags around it are not"), KEY,
	  PROBE(mistaken_key_wrong_tags) },
	{ "policy-misspelt", N_("the policy is none, quarantine or reject, not this word"), DMARC,
	  VERDICT_STATES, BY_ITS_TEXT, NULL, NULL, NULL, misstatement_policy },
	{ "rua-without-mailto",
	  N_("an address for reports is written mailto:ADDRESS; without it nobody gets reports"),
	  DMARC, VERDICT_STATES, BY_ITS_TEXT, NULL, NULL, NULL, misstatement_reports },
	{ "after-all", N_("our term stands behind \"all\", where nobody reads on"), SPF,
	  PROBE(misstatement_after_all) },
	{ "disapproved", N_("our term stands there with a sign that does not let us pass"), SPF,
	  PROBE(misstatement_disapproved) },
	{ "mistyped-include", N_("our term is mistyped"), SPF, PROBE(misstatement_mistyped) },
	{ "broken-spf", N_("a term of the record is broken, so receivers answer permerror"), SPF,
	  PROBE(misstatement_broken) },
	{ "wrapped-spf",
	  N_("quotation marks or blanks stand around the record, so receivers see none"), SPF,
	  PROBE(misstatement_wrapped) },
	{ "target-with-zone", N_("the panel appended the zone to the target"), POINTER | MX,
	  PROBE(mispointing_zone_appended) },
	{ "target-cut", N_("the end of the target is missing"), POINTER, PROBE(mispointing_cut) },
	{ "old-target", N_("the CNAME leads to a target of an older generation"), DKIM,
	  PROBE(mispointing_older) },
	{ "target-as-text", N_("the target of the CNAME was published as TXT"), POINTER,
	  PROBE(mispointing_as_text) },
	{ "old-generation", N_("a key of an older generation stands here"), DKIM,
	  PROBE(mistaken_key_older) },
	{ "doubled-zone", N_("the panel appended the zone to the name; the record stands at"), ALL,
	  PLACES("NAME.ZONE NAME.DOMAIN") },
	{ "no-domainkey", N_("_domainkey is missing in the name; the record stands at"), DKIM,
	  PLACES("SELECTOR.DOMAIN") },
	{ "no-selector", N_("the selector is missing in the name; the record stands at"), DKIM,
	  PLACES("_domainkey.DOMAIN") },
	{ "at-apex", N_("the record stands at the domain itself"), DKIM | DMARC, PLACES("DOMAIN") },
	{ "no-underscore", N_("the underscore is missing in the name; the record stands at"), DKIM,
	  PLACES("SELECTOR.domainkey.DOMAIN") },
	{ "dmarc-without-underscore",
	  N_("the underscore of _dmarc is missing; the record stands at"), DMARC,
	  PLACES("dmarc.DOMAIN") },
	{ "labels-swapped",
	  N_("selector and _domainkey are swapped in the name; the record stands at"), DKIM,
	  PLACES("_domainkey.SELECTOR.DOMAIN") },
	{ "doubled-domainkey", N_("_domainkey stands twice in the name; the record stands at"),
	  DKIM, PLACES("SELECTOR._domainkey._domainkey.DOMAIN") },
	{ "no-subdomain", N_("the subdomain is missing in the name; the record stands at"), DKIM,
	  PLACES("SELECTOR._domainkey.ZONE") },
	{ "at-www", N_("the record stands at the web server's name"), SPF, PLACES("www.DOMAIN") },
	{ "spf-in-name",
	  N_("SPF belongs to the domain itself, without a label before it; it stands at"), SPF,
	  PLACES("spf.DOMAIN _spf.DOMAIN") },
	{ "old-selector", N_("the record stands under another selector of the domain"), DKIM,
	  VERDICT_MISPLACED, NOT_WHILE_RIGHT, NULL, NULL, NULL, misplacement_other_selector },
	{ "proxied",
	  N_("the panel answers with addresses of its own instead of the CNAME (proxied)"), POINTER,
	  PROBE(mispointing_proxied) },
	{ "wildcard",
	  N_("this is a wildcard's answer, not a record of this name: the same is said of"),
	  DKIM | DMARC, VERDICT_MISSING, NOT_WHILE_RIGHT, NULL, NULL, NULL, misplacement_wildcard },
	{ "cname-instead", N_("a CNAME stands where the TXT record belongs"), KEY,
	  PROBE(mispointing_instead_of_text) },
	{ "other-target", N_("the CNAME leads to somebody else's name"), POINTER,
	  PROBE(mispointing_elsewhere) },
	{ "foreign-key", N_("this is somebody else's key"), DKIM, PROBE(mistaken_key_foreign) },
};

const char *diagnosis_mistake(size_t row, const char **sentence)
{
	if (row >= LENGTH(mistakes))
		return NULL;
	*sentence = mistakes[row].sentence;
	return mistakes[row].word;
}

/* False: call again. */
static bool look(const struct mistake *mistake, const struct evidence *evidence,
                 struct evidence_clue *clue)
{
	if (mistake->places)
		return misplacement_look(evidence, mistake->places, clue);
	if (mistake->probe)
		return mistake->probe(evidence, clue);
	if (mistake->spellings)
		misspelling_look(evidence, mistake->spellings, clue);
	else
		mistagging_look(evidence, mistake->repair, clue);
	return true;
}

static const struct diagnosis *make_diagnosis(const struct mistake *mistake,
                                              const struct evidence *evidence,
                                              const struct evidence_clue *clue)
{
	const struct requirement *requirement = evidence->requirement;
	struct diagnosis *diagnosis = arena_take(evidence->arena, sizeof(*diagnosis));

	*diagnosis = (struct diagnosis){
		.mistake = mistake->word,
		.sentence = arena_print(evidence->arena, "%s: %s", _(mistake->sentence),
		                        clue->thing),
		.found_at = clue->found_at ? clue->found_at : requirement->name,
		.name = requirement->name,
		.type = requirement->type,
		.value = clue->value ? clue->value : requirement->value,
		.remedy = clue->remedy,
	};
	if (clue->remedy != EVIDENCE_LINE && clue->remedy != EVIDENCE_MEND)
		diagnosis->value = NULL;
	return diagnosis;
}

static void tell(const struct mistake *mistake, const struct diagnosis *diagnosis,
                 struct verdict *verdict)
{
	verdict->diagnosis = diagnosis;
	verdict->explanation = diagnosis->sentence;
	if (verdict->state != VERDICT_MATCH && mistake->state != VERDICT_STATES)
		verdict->state = mistake->state;
	if (mistake->state == VERDICT_MISPLACED)
		verdict->found = diagnosis->found_at;
}

/* Is there anything to be explained, and could it be this? */
static bool is_likely(const struct mistake *mistake, const struct evidence *evidence,
                      const struct verdict *verdict)
{
	return (mistake->about & evidence->subject) != 0
	       && (verdict->state != VERDICT_MATCH || mistake->while_right != NOT_WHILE_RIGHT);
}

/* How far do the rows want to look that may be about this? */
static enum while_right depth_of(const struct verdict *verdict)
{
	unsigned subject = evidence_subject_of(verdict->requirement);
	enum while_right depth = NOT_WHILE_RIGHT;

	if (verdict->state != VERDICT_MATCH)
		return BY_ASKING;
	for (size_t i = 0; i < LENGTH(mistakes); i++)
		if ((mistakes[i].about & subject) != 0 && mistakes[i].while_right > depth)
			depth = mistakes[i].while_right;
	return depth;
}

bool diagnosis_find(struct inquiry *inquiry, const struct domain_check *check,
                    struct verdict *verdict)
{
	struct evidence evidence;
	struct evidence_clue first = { 0 };
	const struct mistake *made = NULL;
	enum while_right depth = depth_of(verdict);
	bool complete = true;

	if (depth == NOT_WHILE_RIGHT
	    || (verdict->state != VERDICT_MATCH && verdict->state != VERDICT_MISSING
	        && verdict->state != VERDICT_CONFLICT))
		return true;
	if (!evidence_gather(inquiry, check, verdict, depth == BY_ASKING, &evidence))
		return false;
	/* All that is not known yet is asked for in one go. */
	for (size_t i = 0; i < LENGTH(mistakes); i++) {
		struct evidence_clue clue = { 0 };

		if (!is_likely(&mistakes[i], &evidence, verdict))
			continue;
		if (!look(&mistakes[i], &evidence, &clue))
			complete = false;
		if (clue.certain && !made) {
			made = &mistakes[i];
			first = clue;
		}
	}
	if (complete && made)
		tell(made, make_diagnosis(made, &evidence, &first), verdict);
	return complete;
}
