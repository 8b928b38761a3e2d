# unit tests of core/handover
UNIT_TESTS += %D%/mustache_test
%C%_mustache_test_SOURCES = %D%/mustache_test.c
%C%_mustache_test_LDADD = $(TEST_LDADD)
EXTRA_DIST += tests/data/mustache-spec/LICENSE tests/data/mustache-spec/comments.json \
	tests/data/mustache-spec/delimiters.json tests/data/mustache-spec/interpolation.json \
	tests/data/mustache-spec/inverted.json tests/data/mustache-spec/partials.json \
	tests/data/mustache-spec/sections.json
