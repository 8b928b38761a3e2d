#include "keys/fingerprint.h"

#include <stdint.h>

#include <sodium.h>

enum { SUM = 16, LETTERS = 26, GROUP = 4 };

void fingerprint_render(const void *bytes, size_t size, char text[static FINGERPRINT_TEXT])
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz234567";
	uint8_t sum[SUM];
	unsigned bits = 0;
	unsigned count = 0;
	size_t used = 0;

	(void)crypto_generichash(sum, sizeof sum, bytes, size, NULL, 0);
	for (size_t i = 0, letter = 0; letter < LETTERS; letter++) {
		if (count < 5) {
			bits = bits << 8 | (i < sizeof sum ? sum[i] : 0);
			i++;
			count += 8;
		}
		if (letter > 0 && letter % GROUP == 0)
			text[used++] = '-';
		text[used++] = letters[bits >> (count - 5) & 31];
		count -= 5;
	}
	text[used] = '\0';
}
