# The RFC 7208 suite through real DNS.
exec python3 "$top_srcdir/tests/verify/spf_suite.py"
