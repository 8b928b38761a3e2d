# tests/verify: does asking the world work, against servers of our own?
VERIFY_TESTS = %D%/rfc7208.sh
TESTS += $(VERIFY_TESTS)
EXTRA_DIST += $(VERIFY_TESTS) %D%/spf_suite.py tests/lib/dnsd.py tests/lib/submission.py tests/lib/website.py \
	tests/data/spf/rfc7208-tests.yml tests/data/spf/rfc7208-tests.LICENSE
