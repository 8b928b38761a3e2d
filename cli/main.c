#include "cli/command.h"
#include "core/base/words.h"

int main(int argc, char **argv)
{
	words_setup(NULL);
	return command_main(argc - 1, argv + 1);
}
