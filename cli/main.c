#include "cli/command.h"
#include "core/base/words.h"
#include "core/verify/probe_worker.h"
#include "core/verify/spf_evaluator.h"

int main(int argc, char **argv)
{
	spf_evaluator_main(argc, argv);
	probe_worker_main(argc, argv);
	words_setup(NULL);
	return command_main(argc - 1, argv + 1);
}
