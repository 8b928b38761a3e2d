/*
 * senderctl-post -- send one text to one URL, for senderctl monitor.
 *
 * A program of its own, so that nothing else has libcurl in it, and so that
 * the URL, which may be a secret, stands in no list of processes:
 *
 *	standard input = URL "\n" *(HEADER "\n") "\n" BODY
 *
 * Exit status 0: the other side said 2xx.  1: it did not, or could not be
 * reached; one line on standard error says why, without the URL.
 */

#include <curl/curl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	INPUT_MOST = 1 << 20,
	ANSWER_MOST = 65536, /* read and thrown away; more is not an answer */
	CONNECT_SECONDS = 10,
	WHOLE_SECONDS = 30,
};

struct post {
	char *url;
	struct curl_slist *headers;
	char *body;
	size_t answered; /* octets */
	char why[CURL_ERROR_SIZE];
};

static bool fail(const char *why)
{
	(void)fprintf(stderr, "%s\n", why);
	return false;
}

static char *read_all(size_t *size)
{
	char *text = malloc(INPUT_MOST + 1);

	*size = text != NULL ? fread(text, 1, INPUT_MOST, stdin) : 0;
	if (text != NULL)
		text[*size] = '\0';
	return text;
}

/* Cut the input into its parts; headers are copied by the list. */
static bool cut(char *text, struct post *post)
{
	char *line = text;

	post->url = text;
	for (;;) {
		char *end = strchr(line, '\n');
		if (end == NULL)
			return fail("the input has no body");
		*end = '\0';
		if (line != text && *line == '\0') {
			post->body = end + 1;
			return true;
		}
		if (line != text) {
			struct curl_slist *longer = curl_slist_append(post->headers, line);
			if (longer == NULL)
				return fail("out of memory");
			post->headers = longer;
		}
		line = end + 1;
	}
}

static size_t hear(char *bytes, size_t size, size_t count, void *context)
{
	struct post *post = context;

	(void)bytes;
	post->answered += size * count;
	return post->answered > ANSWER_MOST ? 0 : size * count;
}

static bool setup(CURL *curl, struct post *post)
{
	return curl_easy_setopt(curl, CURLOPT_URL, post->url) == CURLE_OK
	       && curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https") == CURLE_OK
	       && curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L) == CURLE_OK
	       && curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L) == CURLE_OK
	       && curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, post->why) == CURLE_OK
	       && curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, (long)CONNECT_SECONDS) == CURLE_OK
	       && curl_easy_setopt(curl, CURLOPT_TIMEOUT, (long)WHOLE_SECONDS) == CURLE_OK
	       && curl_easy_setopt(curl, CURLOPT_USERAGENT, PACKAGE "/" PACKAGE_VERSION) == CURLE_OK
	       && curl_easy_setopt(curl, CURLOPT_HTTPHEADER, post->headers) == CURLE_OK
	       && curl_easy_setopt(curl, CURLOPT_POSTFIELDS, post->body) == CURLE_OK
	       && curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, hear) == CURLE_OK
	       && curl_easy_setopt(curl, CURLOPT_WRITEDATA, post) == CURLE_OK;
}

/* What libcurl knows more exactly of a certificate, without the host's name. */
static bool refuse(const struct post *post)
{
	static const char chain[] = "SSL certificate problem: ";

	(void)fprintf(stderr, "its certificate is not accepted: %s\n",
	              strncmp(post->why, chain, sizeof chain - 1) == 0
	                      ? post->why + sizeof chain - 1
	                      : "it is for another host");
	return false;
}

static bool send_it(struct post *post)
{
	CURL *curl = curl_easy_init();
	CURLcode code = CURLE_OUT_OF_MEMORY;
	long status = 0;

	if (curl == NULL || !setup(curl, post)) {
		curl_easy_cleanup(curl);
		return fail("libcurl does not know how");
	}
	code = curl_easy_perform(curl);
	(void)curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
	curl_easy_cleanup(curl);
	if (code == CURLE_PEER_FAILED_VERIFICATION)
		return refuse(post);
	if (code != CURLE_OK)
		return fail(curl_easy_strerror(code));
	if (status >= 200 && status < 300)
		return true;
	(void)fprintf(stderr, "HTTP %ld\n", status);
	return false;
}

int main(void)
{
	struct post post = { 0 };
	size_t size = 0;
	char *text = read_all(&size);
	bool ok = text != NULL && curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK;

	ok = ok && cut(text, &post) && send_it(&post);
	curl_slist_free_all(post.headers);
	free(text);
	curl_global_cleanup();
	return ok ? EXIT_SUCCESS : EXIT_FAILURE;
}
