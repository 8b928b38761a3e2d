#include "core/verify/spf_exchange.h"

void spf_exchange_put_request(struct spf_packet *packet, const struct spf_check_request *request)
{
	spf_packet_put_text(packet, request->address);
	spf_packet_put_text(packet, request->mail_from ? request->mail_from : "");
	spf_packet_put_text(packet, request->helo ? request->helo : "");
	spf_packet_put_text(packet, request->receiver);
	spf_packet_put_bytes(packet, &request->now, sizeof(request->now));
}

void spf_exchange_get_request(struct spf_packet *packet, struct arena *arena,
                              struct spf_check_request *request)
{
	request->address = spf_packet_get_text(packet, arena);
	request->mail_from = spf_packet_get_text(packet, arena);
	request->helo = spf_packet_get_text(packet, arena);
	request->receiver = spf_packet_get_text(packet, arena);
	spf_packet_get_bytes(packet, &request->now, sizeof(request->now));
}

void spf_exchange_put_answer(struct spf_packet *packet, const struct dns_answer *answer)
{
	spf_packet_put_number(packet, answer != NULL);
	if (!answer)
		return;
	spf_packet_put_number(packet, answer->outcome);
	spf_packet_put_number(packet, (uint32_t)answer->record_count);
	for (size_t i = 0; i < answer->record_count; i++) {
		spf_packet_put_part(packet, answer->records[i].text,
		                    answer->records[i].text_length);
		spf_packet_put_bytes(packet, answer->records[i].address,
		                     sizeof(answer->records[i].address));
	}
}

const struct dns_answer *spf_exchange_get_answer(struct spf_packet *packet, struct arena *arena)
{
	struct dns_answer *answer = NULL;
	struct dns_record *records = NULL;

	if (spf_packet_get_number(packet) == 0)
		return NULL;
	answer = arena_take(arena, sizeof(*answer));
	answer->outcome = (enum dns_outcome)spf_packet_get_number(packet);
	answer->record_count = spf_packet_get_number(packet);
	records = arena_take(arena, (answer->record_count + 1) * sizeof(*records));
	answer->records = records;
	for (size_t i = 0; i < answer->record_count; i++) {
		records[i].text = spf_packet_get_part(packet, arena, &records[i].text_length);
		spf_packet_get_bytes(packet, records[i].address, sizeof(records[i].address));
	}
	return answer;
}

static void put_step(struct spf_packet *packet, const struct spf_check_step *step)
{
	spf_packet_put_text(packet, step->record);
	spf_packet_put_number(packet, (uint32_t)step->column);
	spf_packet_put_text(packet, step->term);
	spf_packet_put_text(packet, step->target);
	spf_packet_put_text(packet, step->note);
	spf_packet_put_number(packet, step->depth);
	spf_packet_put_number(packet, step->matched);
}

static void get_step(struct spf_packet *packet, struct arena *arena, struct spf_check_step *step)
{
	step->record = spf_packet_get_text(packet, arena);
	step->column = spf_packet_get_number(packet);
	step->term = spf_packet_get_text(packet, arena);
	step->target = spf_packet_get_text(packet, arena);
	step->note = spf_packet_get_text(packet, arena);
	step->depth = spf_packet_get_number(packet);
	step->matched = spf_packet_get_number(packet) != 0;
}

void spf_exchange_put_verdict(struct spf_packet *packet, const struct spf_check_verdict *verdict)
{
	spf_packet_put_number(packet, verdict->result);
	spf_packet_put_text(packet, verdict->domain);
	spf_packet_put_text(packet, verdict->text);
	spf_packet_put_text(packet, verdict->mechanism);
	spf_packet_put_text(packet, verdict->record);
	spf_packet_put_number(packet, (uint32_t)verdict->column);
	spf_packet_put_text(packet, verdict->explanation);
	spf_packet_put_number(packet, verdict->lookups);
	spf_packet_put_number(packet, verdict->voids);
	spf_packet_put_text(packet, verdict->problem);
	spf_packet_put_text(packet, verdict->problem_record);
	spf_packet_put_number(packet, (uint32_t)verdict->problem_column);
	spf_packet_put_number(packet, (uint32_t)verdict->step_count);
	for (size_t i = 0; i < verdict->step_count; i++)
		put_step(packet, &verdict->steps[i]);
}

void spf_exchange_get_verdict(struct spf_packet *packet, struct arena *arena,
                              struct spf_check_verdict *verdict)
{
	struct spf_check_step *steps = NULL;

	verdict->result = spf_exchange_get_result(packet);
	verdict->domain = spf_packet_get_text(packet, arena);
	verdict->text = spf_packet_get_text(packet, arena);
	verdict->mechanism = spf_packet_get_text(packet, arena);
	verdict->record = spf_packet_get_text(packet, arena);
	verdict->column = spf_packet_get_number(packet);
	verdict->explanation = spf_packet_get_text(packet, arena);
	verdict->lookups = spf_packet_get_number(packet);
	verdict->voids = spf_packet_get_number(packet);
	verdict->problem = spf_packet_get_text(packet, arena);
	verdict->problem_record = spf_packet_get_text(packet, arena);
	verdict->problem_column = spf_packet_get_number(packet);
	verdict->step_count = spf_packet_get_number(packet);
	packet->bad = packet->bad || verdict->step_count > SPF_PACKET_MOST;
	if (packet->bad)
		verdict->step_count = 0;
	steps = arena_take(arena, (verdict->step_count + 1) * sizeof(*steps));
	verdict->steps = steps;
	for (size_t i = 0; i < verdict->step_count; i++)
		get_step(packet, arena, &steps[i]);
}

enum spf_result spf_exchange_get_result(struct spf_packet *packet)
{
	uint32_t result = spf_packet_get_number(packet);

	return result < SPF_RESULTS ? (enum spf_result)result : SPF_UNKNOWN;
}
