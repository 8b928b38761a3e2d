# unit tests of core/handover
UNIT_TESTS += %D%/mustache_test
%C%_mustache_test_SOURCES = %D%/mustache_test.c
%C%_mustache_test_LDADD = $(TEST_LDADD)
EXTRA_DIST += tests/data/mustache-spec/LICENSE tests/data/mustache-spec/comments.json \
	tests/data/mustache-spec/delimiters.json tests/data/mustache-spec/interpolation.json \
	tests/data/mustache-spec/inverted.json tests/data/mustache-spec/partials.json \
	tests/data/mustache-spec/sections.json
UNIT_TESTS += %D%/sheet_test
%C%_sheet_test_SOURCES = %D%/sheet_test.c
%C%_sheet_test_LDADD = $(TEST_LDADD)
EXTRA_DIST += tests/golden/handover/acme.de.txt tests/golden/handover/acme.de.html \
	tests/golden/handover/acme.en.txt tests/golden/handover/acme.en.html \
	tests/golden/handover/acme-dns.de.txt tests/golden/handover/acme-dns.en.html

# Write the golden sheets anew, and show what that changes.
.PHONY: regold-handover
regold-handover: tests/unit/sheet_test
	top_srcdir='$(top_srcdir)' REGOLD=1 tests/unit/sheet_test > /dev/null 2>&1; \
	git -C '$(top_srcdir)' diff --stat -- tests/golden/handover
