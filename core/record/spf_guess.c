#include "core/record/spf_guess.h"

#include <string.h>

#include "core/record/spf_guess_gap.h"
#include "core/record/spf_guess_shape.h"
#include "core/record/spf_guess_value.h"
#include "core/record/spf_guess_word.h"

static void take_shape(struct spf_guess_shape *shape)
{
	const char *text = shape->text;
	size_t length = 0;

	shape->signs = strspn(text, "+-?~");
	length = strcspn(text + shape->signs, ":=/");
	shape->name = arena_copy_part(shape->arena, text + shape->signs, length);
	shape->separator = text[shape->signs + length];
	shape->value = text + shape->signs + length + (shape->separator != '\0');
}

/* Nobody can see a blank at the end, or follow an advice that is empty. */
static void trim_advice(struct arena *arena, struct spf_guess *guess)
{
	size_t front = strspn(guess->meant, " ");
	size_t end = strlen(guess->meant);

	while (end > front && guess->meant[end - 1] == ' ')
		end--;
	guess->meant = end > front ? arena_copy_part(arena, guess->meant + front, end - front)
	                           : NULL;
}

/* Advice is good only when it is a good record. */
static void check_advice(struct arena *arena, struct spf_guess *guess)
{
	struct spf_record record = { 0 };
	struct err ignored = { 0 };
	const char *text = NULL;

	if (guess->meant)
		trim_advice(arena, guess);
	if (!guess->meant)
		return;
	text = arena_print(arena, "v=spf1 %s", guess->meant);
	if (!spf_record_parse(arena, text, strlen(text), &record, &ignored))
		guess->meant = NULL;
}

bool spf_guess_term(struct arena *arena, const struct spf_term *term, const struct spf_term *next,
                    struct spf_guess *guess)
{
	struct spf_guess_shape shape = {
		.arena = arena, .text = term->text, .kind = term->kind, .next = next
	};

	bool known = false;

	*guess = (struct spf_guess){ 0 };
	take_shape(&shape);
	for (const char *octet = term->text; *octet; octet++)
		if (*octet < 0x21 || *octet > 0x7e) {
			known = spf_guess_value_letters(&shape, guess);
			check_advice(arena, guess);
			return known;
		}
	known = spf_guess_gap_run(&shape, guess) || spf_guess_word_run(&shape, guess)
	        || spf_guess_value_run(&shape, guess);
	check_advice(arena, guess);
	return known;
}
