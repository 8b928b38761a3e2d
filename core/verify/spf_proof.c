#include "core/verify/spf_proof.h"

#include "core/base/clock.h"
#include "core/base/text.h"
#include "core/verify/spf_sample.h"

/* What may stand at the domain: first both whole states, then, to explain what
 * became a pass, the added terms alone, and each old record alone. */
enum { VIEW_BEFORE, VIEW_AFTER, VIEW_ADDED, VIEW_EACH };

/* What is kept from one call of the step to the next. */
struct spf_proof_work {
	struct arena *arena;
	struct spf_sample sample;
	struct spf_trial trial;
	size_t row_room;
	enum spf_result *reasons; /* per row: VIEW_ADDED and each old record */
};

/* ---- the records in question ----------------------------------------------------- */

static const char *added_record(struct arena *arena, const struct spf_proof *proof)
{
	struct text out = { 0 };
	const char *record = NULL;

	text_add(&out, "v=spf1");
	for (size_t i = 0; i < proof->term_count; i++)
		text_addf(&out, " %s", proof->terms[i]);
	text_add(&out, " -all");
	record = arena_copy(arena, text_string(&out));
	text_free(&out);
	return record;
}

static struct spf_trial_view single(struct arena *arena, const char *text)
{
	const char **texts = arena_take(arena, sizeof(*texts));

	texts[0] = text;
	return (struct spf_trial_view){ texts, 1 };
}

static void make_trial(struct spf_proof *proof)
{
	struct arena *arena = proof->work->arena;
	size_t each = proof->before_count > 1 ? proof->before_count : 0;
	struct spf_trial_view *views = arena_take(arena, (VIEW_EACH + each) * sizeof(*views));

	views[VIEW_BEFORE] = (struct spf_trial_view){ proof->before, proof->before_count };
	views[VIEW_AFTER] = single(arena, proof->after);
	views[VIEW_ADDED] = single(arena, added_record(arena, proof));
	for (size_t i = 0; i < each; i++)
		views[VIEW_EACH + i] = single(arena, proof->before[i]);
	proof->work->trial = (struct spf_trial){
		.domain = proof->domain,
		.mail_from = arena_print(arena, "postmaster@%s", proof->domain),
		.helo = proof->domain,
		.now = clock_now(),
		.views = views,
		.view_count = VIEW_EACH + each,
	};
}

static void begin(struct spf_proof *proof, struct inquiry *inquiry)
{
	struct arena *arena = inquiry_arena(inquiry);

	proof->work = arena_take(arena, sizeof(*proof->work));
	proof->work->arena = arena;
	proof->work->sample.arena = arena;
	proof->rows = NULL;
	proof->row_count = 0;
	make_trial(proof);
	for (size_t i = 0; i < proof->relay_count; i++)
		spf_sample_add(&proof->work->sample, proof->relays[i]);
}

/* ---- the addresses ---------------------------------------------------------------- */

static bool choose(struct spf_proof *proof, struct inquiry *inquiry)
{
	struct spf_sample *sample = &proof->work->sample;
	bool complete = spf_sample_record(sample, inquiry, proof->domain, proof->after);

	for (size_t i = 0; i < proof->before_count; i++)
		complete = spf_sample_record(sample, inquiry, proof->domain, proof->before[i])
		           && complete;
	spf_sample_strangers(sample);
	proof->cut = sample->cut;
	return complete;
}

static bool is_relay(const struct spf_proof *proof, const struct spf_address *address)
{
	for (size_t i = 0; i < proof->relay_count; i++) {
		struct spf_address relay;

		if (spf_term_read_address(proof->relays[i], &relay) && relay.size == address->size
		    && memcmp(relay.octets, address->octets, relay.size) == 0)
			return true;
	}
	return false;
}

static void add_rows(struct spf_proof *proof)
{
	struct spf_proof_work *work = proof->work;
	size_t reasons = work->trial.view_count - VIEW_ADDED;
	size_t count = work->sample.count;

	if (count > work->row_room) {
		struct spf_proof_row *rows = arena_take(work->arena, count * sizeof(*rows));

		if (proof->row_count > 0)
			memcpy(rows, proof->rows, proof->row_count * sizeof(*rows));
		proof->rows = rows;
		work->row_room = count;
		work->reasons = arena_take(work->arena, count * reasons * sizeof(*work->reasons));
	}
	for (; proof->row_count < count; proof->row_count++) {
		const struct spf_sample_row *found = work->sample.rows[proof->row_count];

		proof->rows[proof->row_count] = (struct spf_proof_row){
			.address = found->text,
			.ours = is_relay(proof, &found->address),
			.before = SPF_INCOMPLETE,
			.after = SPF_INCOMPLETE,
		};
	}
}

/* ---- trying -------------------------------------------------------------------------- */

static void run(struct spf_proof *proof, struct inquiry *inquiry, struct spf_trial_try tries[],
                size_t count)
{
	struct spf_check_source source = spf_worker_source(inquiry);

	if (count > 0)
		spf_worker_try(proof->worker, &proof->work->trial, &source, tries, count);
}

/* Before and after, of every row that was not told yet; true: all are. */
static bool try_rows(struct spf_proof *proof, struct inquiry *inquiry)
{
	struct arena arena = { 0 };
	struct spf_trial_try *tries = arena_take(&arena,
	                                         (2 * proof->row_count + 1) * sizeof(*tries));
	enum spf_result **places = arena_take(&arena, (2 * proof->row_count + 1)
	                                                      * sizeof(enum spf_result *));
	bool complete = true;
	size_t count = 0;

	for (size_t i = 0; i < proof->row_count; i++) {
		struct spf_proof_row *row = &proof->rows[i];
		enum spf_result *results[] = { &row->before, &row->after };

		for (size_t v = VIEW_BEFORE; v <= VIEW_AFTER; v++) {
			if (*results[v] != SPF_INCOMPLETE)
				continue;
			places[count] = results[v];
			tries[count++] = (struct spf_trial_try){ row->address, v, SPF_UNKNOWN };
		}
	}
	run(proof, inquiry, tries, count);
	for (size_t i = 0; i < count; i++) {
		*places[i] = tries[i].result;
		complete = complete && tries[i].result != SPF_INCOMPLETE;
	}
	arena_reset(&arena);
	return complete;
}

static bool is_new_pass(const struct spf_proof_row *row)
{
	return !row->ours && row->after == SPF_PASS && row->before != SPF_PASS;
}

/* Who passes now and did not: by what was added?  By one of several records? */
static bool try_reasons(struct spf_proof *proof, struct inquiry *inquiry)
{
	size_t reasons = proof->work->trial.view_count - VIEW_ADDED;
	struct arena arena = { 0 };
	struct spf_trial_try *tries = arena_take(&arena,
	                                         (proof->row_count * reasons + 1) * sizeof(*tries));
	bool complete = true;
	size_t count = 0;

	for (size_t i = 0; i < proof->row_count; i++)
		for (size_t v = 0; is_new_pass(&proof->rows[i]) && v < reasons; v++)
			tries[count++] = (struct spf_trial_try){ proof->rows[i].address,
				                                 VIEW_ADDED + v, SPF_UNKNOWN };
	run(proof, inquiry, tries, count);
	count = 0;
	for (size_t i = 0; i < proof->row_count; i++)
		for (size_t v = 0; is_new_pass(&proof->rows[i]) && v < reasons; v++, count++) {
			proof->work->reasons[i * reasons + v] = tries[count].result;
			complete = complete && tries[count].result != SPF_INCOMPLETE;
		}
	arena_reset(&arena);
	return complete;
}

/* ---- judging --------------------------------------------------------------------------- */

static bool is_error(enum spf_result result)
{
	return result == SPF_TEMPERROR || result == SPF_UNKNOWN || result == SPF_INCOMPLETE;
}

static bool one_of_them_passes(const struct spf_proof *proof, size_t row)
{
	size_t reasons = proof->work->trial.view_count - VIEW_ADDED;

	for (size_t v = 1; v < reasons; v++)
		if (proof->work->reasons[row * reasons + v] == SPF_PASS)
			return true;
	return false;
}

static void judge(struct spf_proof *proof, size_t number)
{
	struct spf_proof_row *row = &proof->rows[number];
	size_t reasons = proof->work->trial.view_count - VIEW_ADDED;

	row->added = is_new_pass(row) && proof->work->reasons[number * reasons] == SPF_PASS;
	/* Who passes by right now need not be asked what was before. */
	row->unsure = is_error(row->after) || (!row->ours && !row->added && is_error(row->before));
	if (row->ours)
		row->good = row->after == SPF_PASS;
	else if (is_new_pass(row))
		row->good = row->added || one_of_them_passes(proof, number);
	else /* who had no policy, or an error for everybody, has no result worth keeping */
		row->good = row->before == row->after || row->before == SPF_PERMERROR
		            || row->before == SPF_NONE;
	proof->unsure += row->unsure;
	proof->ours_unsure += row->unsure && row->ours;
	proof->bad += !row->good && !row->unsure;
}

bool spf_proof_step(struct inquiry *inquiry, void *context)
{
	struct spf_proof *proof = context;
	bool complete = true;

	if (proof->work == NULL)
		begin(proof, inquiry);
	complete = choose(proof, inquiry);
	add_rows(proof);
	complete = try_rows(proof, inquiry) && complete;
	complete = try_reasons(proof, inquiry) && complete;
	proof->bad = proof->unsure = proof->ours_unsure = 0;
	for (size_t i = 0; i < proof->row_count; i++)
		judge(proof, i);
	return complete;
}
