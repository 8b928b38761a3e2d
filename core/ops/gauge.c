#include "core/ops/gauge.h"

#include <string.h>

#include "core/base/clock.h"
#include "core/base/file.h"
#include "core/base/text.h"

/* A row per metric; the statement gives the values, in this order. */
static const struct {
	const char *name;
	const char *type;
	const char *label; /* what tells its series apart beside the provider; NULL */
	const char *help;
} metrics[] = {
	{ "senders", "gauge", "state", "Senders by state." },
	{ "requirements", "gauge", "state", "Requirements by what the last look said." },
	{ "domains", "gauge", NULL, "Sender domains in use." },
	{ "domains_due", "gauge", NULL, "Sender domains whose next look is overdue." },
	{ "looks_total", "counter", NULL, "Looks at sender domains that were stored." },
	{ "unknown_looks_total", "counter", NULL, "Looks that could not tell everything." },
	{ "oldest_look_seconds", "gauge", NULL, "Age of the look that lies back farthest." },
	{ "certificate_days", "gauge", NULL, "Days until the first certificate ends." },
	{ "key_age_days", "gauge", NULL, "Age of the oldest key that signs." },
	{ "changes_total", "counter", "change", "Changes by kind." },
	{ "channel_failures", "gauge", "channel", "Failures in a row of a way of telling." },
};

struct rendering {
	struct text out;
	const char *last; /* the metric whose head is written */
};

/* Label values: \, " and newline are escaped. */
static void add_label(struct text *out, const char *name, const char *value)
{
	text_addf(out, "%s=\"", name);
	for (const char *p = value; *p != '\0'; p++) {
		if (*p == '\\' || *p == '"' || *p == '\n')
			text_add_char(out, '\\');
		text_add_char(out, *p == '\n' ? 'n' : *p);
	}
	text_add(out, "\"");
}

static void add_head(struct text *out, size_t metric)
{
	text_addf(out, "# HELP senderctl_%s %s\n# TYPE senderctl_%s %s\n", metrics[metric].name,
	          metrics[metric].help, metrics[metric].name, metrics[metric].type);
}

static bool add_row(const struct row *row, void *context, struct err *err)
{
	struct rendering *rendering = context;
	struct text *out = &rendering->out;
	const char *name = row_text(row, "metric");

	UNUSED(err);
	for (size_t i = 0; i < LENGTH(metrics); i++) {
		if (strcmp(metrics[i].name, name) != 0)
			continue;
		if (rendering->last != metrics[i].name)
			add_head(out, i);
		rendering->last = metrics[i].name;
		text_addf(out, "senderctl_%s{", name);
		add_label(out, "provider", row_text(row, "provider"));
		if (metrics[i].label != NULL) {
			text_add(out, ",");
			add_label(out, metrics[i].label, row_text(row, "label"));
		}
		text_addf(out, "} %s\n", row_text(row, "value"));
	}
	return true;
}

bool gauge_write(struct db *db, const char *path, long long faults, struct err *err)
{
	struct rendering rendering = { 0 };
	struct text *out = &rendering.out;
	bool ok = db_each(db, STMT_GAUGE_LIST, DB_NO_PARAMS, add_row, &rendering, err);

	text_addf(out,
	          "# HELP senderctl_internal_errors_total Checks that did not come to an end.\n"
	          "# TYPE senderctl_internal_errors_total counter\n"
	          "senderctl_internal_errors_total %lld\n"
	          "# HELP senderctl_last_run_seconds When this file was written, since 1970.\n"
	          "# TYPE senderctl_last_run_seconds gauge\n"
	          "senderctl_last_run_seconds %lld\n",
	          faults, (long long)clock_now());
	ok = ok && file_write(path, 0644, out->data, out->length, err);
	text_free(out);
	return ok;
}
