#include "core/plan/spf_draft.h"

#include <string.h>

#include "core/base/text.h"

static const char version[] = "v=spf1";

static size_t gap_before(const struct spf_record *record, size_t i)
{
	const struct spf_term *before = i > 0 ? &record->terms[i - 1] : NULL;
	size_t end = before != NULL ? before->column - 1 + strlen(before->text) : strlen(version);

	return (i < record->term_count ? record->terms[i].column - 1 : record->length) - end;
}

static void make_room(struct spf_draft *draft, size_t wanted)
{
	struct spf_piece *pieces = NULL;

	if (wanted <= draft->room)
		return;
	draft->room = 2 * wanted;
	pieces = arena_take(draft->arena, draft->room * sizeof *pieces);
	if (draft->count > 0)
		memcpy(pieces, draft->pieces, draft->count * sizeof *pieces);
	draft->pieces = pieces;
}

void spf_draft_begin(struct spf_draft *draft, const struct spf_record *record)
{
	draft->version = arena_copy_part(draft->arena, record->text, strlen(version));
	draft->tail = gap_before(record, record->term_count);
	draft->count = 0;
	make_room(draft, record->term_count + 1);
	for (size_t i = 0; i < record->term_count; i++)
		draft->pieces[draft->count++] = (struct spf_piece){ record->terms[i],
			                                            gap_before(record, i) };
}

void spf_draft_insert(struct spf_draft *draft, size_t at, const struct spf_term *term)
{
	make_room(draft, draft->count + 1);
	memmove(draft->pieces + at + 1, draft->pieces + at,
	        (draft->count - at) * sizeof *draft->pieces);
	draft->pieces[at] = (struct spf_piece){ *term, 1 };
	draft->count++;
}

void spf_draft_take_out(struct spf_draft *draft, size_t at)
{
	memmove(draft->pieces + at, draft->pieces + at + 1,
	        (draft->count - at - 1) * sizeof *draft->pieces);
	draft->count--;
}

int spf_draft_find(const struct spf_draft *draft, enum spf_kind kind)
{
	for (size_t i = 0; i < draft->count; i++)
		if (draft->pieces[i].term.kind == kind)
			return (int)i;
	return SPF_NOWHERE;
}

size_t spf_draft_end(const struct spf_draft *draft)
{
	int all = spf_draft_find(draft, SPF_TERM_ALL);

	return all != SPF_NOWHERE ? (size_t)all : draft->count;
}

size_t spf_draft_last_place(const struct spf_draft *draft)
{
	size_t at = spf_draft_end(draft);

	if (at < draft->count)
		return at;
	while (at > 0 && spf_record_is_modifier(draft->pieces[at - 1].term.kind))
		at--;
	return at;
}

void spf_draft_note(struct spf_draft *draft, const char *sentence)
{
	if (draft->merge->change_count < SPF_MERGE_NOTES)
		draft->merge->changes[draft->merge->change_count++] = sentence;
	draft->changed = true;
}

void spf_draft_warn(struct spf_draft *draft, const char *sentence)
{
	spf_merge_warn(draft->merge, sentence);
}

bool spf_draft_refuse(struct spf_draft *draft, const char *sentence)
{
	spf_merge_refuse(draft->merge, sentence);
	return false;
}

static void add_spaces(struct text *out, size_t count)
{
	while (count-- > 0)
		text_add_char(out, ' ');
}

const char *spf_draft_render(const struct spf_draft *draft)
{
	struct text out = { 0 };
	const char *record = NULL;

	text_add(&out, draft->version != NULL ? draft->version : version);
	for (size_t i = 0; i < draft->count; i++) {
		add_spaces(&out, draft->pieces[i].gap);
		text_add(&out, draft->pieces[i].term.text);
	}
	add_spaces(&out, draft->tail);
	record = arena_copy(draft->arena, text_string(&out));
	text_free(&out);
	return record;
}
