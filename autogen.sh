#!/bin/sh
# Make ./configure.  With a word behind it, do more:
#
#   ./autogen.sh               lists and configure, as every autotools user expects
#   ./autogen.sh --quickstart  install what is missing, build in build/, start the embedded
#                              environment, import doc/examples; a second run changes nothing
#   ./autogen.sh --check       install what tests need, build strictly in build-check/, run all
#                              tests; the last line has the totals
#   ./autogen.sh --packages [build|run|test|ci]   which Debian packages that means
#   ./autogen.sh --install [build|run|test|ci]    install them
#
# shellcheck disable=SC2012,SC2016,SC2046,SC2086,SC2005
set -eu
cd "$(dirname "$0")"

# One package a word: what a build, the embedded environment, the tests and CI's other tools need.
BUILD_PACKAGES="gcc libc6-dev make autoconf automake pkgconf gettext scdoc xz-utils
	libpq-dev libsodium-dev libssl-dev libconfuse-dev libc-ares-dev libidn2-dev libjansson-dev
	libsmartcols-dev libseccomp-dev libpsl-dev libspf2-dev libcsv-dev
	libcurl4-openssl-dev"
RUN_PACKAGES="postgresql publicsuffix passwd"
TEST_PACKAGES="libcmocka-dev python3 python3-dkim python3-spf python3-dnspython python3-nacl python3-yaml
	postgresql-15-pgtap libtap-parser-sourcehandler-pgtap-perl
	nsd unbound ldnsutils postfix postfix-cdb opendkim opendkim-tools rspamd db5.3-util sasl2-bin libsasl2-modules
	libsasl2-modules-db libmail-dkim-perl openssl ca-certificates swaks
	iproute2 nftables procps mandoc shellcheck strace"
CI_PACKAGES="clang clang-tidy clang-format cppcheck valgrind libclang-rt-14-dev"

# ------------------------------------------------------------- plain: ./configure

# One query is one file, one migration is one file: the lists are the folders.
list() { # list VARIABLE FOLDER ENDING LIST
	{
		printf '%s =' "$1"
		LC_ALL=C ls "$2"/[0-9a-z]*".$3" | while read -r file; do printf ' \\\n\t%s' "$file"; done
		echo
	} > "$4.tmp"
	# An unchanged list keeps its time, or everything would be built again.
	if cmp -s "$4.tmp" "$4"; then rm "$4.tmp"; else mv "$4.tmp" "$4"; fi
}

lists() {
	list STATEMENTS sql/query sql sql/query/statements.mk
	list MIGRATIONS sql/schema sql sql/schema/migrations.mk
	list DECISIONS doc/decisions md doc/decisions/list.mk
	list FLOW_TESTS tests/flow sh tests/flow/list.mk
}

make_configure() {
	lists
	autoreconf --force --install --warnings=all
	# Autoconf tidies away crash dumps named "core"; ours is a room of the house,
	# so we teach the generated script to leave it alone.
	sed -e 's/rm -f core \*\.core/rm -f *.core/' -e 's/rm -f core conftest/rm -f conftest/' \
		configure > configure.tmp
	cat configure.tmp > configure
	rm configure.tmp
}

# Is there a configure that is younger than all it is made of?
configured() {
	lists
	[ -f configure ] && [ -f Makefile.in ] && [ -f "$1/config.status" ] &&
		[ -z "$(find configure.ac Makefile.am core keys sql cli po doc tests \
			\( -name '*.mk' -o -name '*.am' -o -name '*.ac' \) -newer configure)" ]
}

# -------------------------------------------------------------------- packages

say() { printf '%s\n' "$*"; }
fail() { printf '%s: %s\n' "$0" "$*" >&2; exit 1; }

missing() { # those of the words that are not installed
	for package in "$@"; do
		case $(dpkg-query -W -f '${Status}' "$package" 2> /dev/null) in
		"install ok installed") ;;
		*) printf '%s ' "$package" ;;
		esac
	done
}

packages() { # packages GROUP
	case $1 in
	build) echo "$BUILD_PACKAGES" ;;
	run) echo "$RUN_PACKAGES" ;;
	test) echo "$TEST_PACKAGES" ;;
	ci) echo "$CI_PACKAGES" ;;
	all) echo "$BUILD_PACKAGES $RUN_PACKAGES $TEST_PACKAGES $CI_PACKAGES" ;;
	*) fail "there is no group $1: build, run, test, ci" ;;
	esac
}

as_root() {
	if [ "$(id -u)" = 0 ]; then "$@"
	elif command -v sudo > /dev/null; then sudo "$@"
	else fail "this needs root: run it as root, or install sudo"
	fi
}

# Nothing that we install may start a service by itself: no mail server on port
# 25, no name server on 53, no second PostgreSQL.
apt_install() {
	as_root env DEBIAN_FRONTEND=noninteractive UCF_FORCE_CONFFOLD=1 sh -c '
		policy=/usr/sbin/policy-rc.d cluster=/etc/postgresql-common/createcluster.conf
		made=
		tidy() { [ -z "$made" ] || rm -f $made; }
		trap tidy EXIT
		if [ ! -e $policy ]; then
			printf "#!/bin/sh\nexit 101\n" > $policy && chmod 755 $policy; made="$made $policy"
		fi
		if [ ! -e $cluster ]; then
			mkdir -p ${cluster%/*} && echo "create_main_cluster = false" > $cluster
			made="$made $cluster"
		fi
		command -v debconf-set-selections > /dev/null &&
			echo "postfix postfix/main_mailer_type select No configuration" |
			debconf-set-selections
		apt-get -qq update &&
		apt-get -qq -o Dpkg::Use-Pty=0 install -y --no-install-recommends "$@"' apt_install "$@"
}

need_packages() {
	if ! command -v apt-get > /dev/null || ! command -v dpkg-query > /dev/null; then
		say "There is no apt on this system.  Please install what these Debian packages bring:"
		for package in "$@"; do say "    $package"; done
		say "Then run ./autogen.sh, ./configure and make; configure names what is still missing."
		exit 1
	fi
	wanted=$(missing "$@")
	[ -n "$wanted" ] || return 0
	say "installing: $wanted"
	log=$(mktemp)
	if ! apt_install $wanted > "$log" 2>&1; then
		tail -n 30 "$log" >&2
		rm -f "$log"
		fail "apt-get could not install: $wanted"
	fi
	rm -f "$log"
	changed=1
}

# ------------------------------------------------------------------------ build

cores() { nproc 2> /dev/null || echo 2; }

build() { # build FOLDER CONFIGURE-OPTIONS
	folder=$1
	shift
	if ! configured "$folder"; then
		say "making configure"
		make_configure > autogen.log 2>&1 || { tail -n 30 autogen.log >&2; fail "autoreconf failed"; }
		mkdir -p "$folder"
		(cd "$folder" && ../configure -q "$@") || fail "configure failed"
		changed=1
	fi
	[ -z "$changed" ] || say "building in $folder/"
	before=$(mktemp)
	make -C "$folder" -s -j"$(cores)" > "$folder/build.log" 2>&1 ||
		{ grep -E 'error|undefined|No rule' "$folder/build.log" | head -n 20 >&2
		  fail "the build failed; $folder/build.log has all of it"; }
	[ -z "$(find "$folder" -name '*.[ao]' -newer "$before" | head -n 1)" ] || changed=1
	rm -f "$before"
}

# ------------------------------------------------------------------- quickstart

quickstart() {
	changed=
	need_packages $BUILD_PACKAGES $RUN_PACKAGES
	build build
	sh doc/examples/first-day.sh "$PWD/build" "$changed"
}

# ------------------------------------------------------------------------ check

# Each test program reports in TAP; automake sums up in lines "# PASS: 12".
sum() { awk -v word="$1" '$2 == word ":" { n += $3 } END { print n + 0 }' build-check/check.log; }

check() {
	changed=
	need_packages $BUILD_PACKAGES $RUN_PACKAGES $TEST_PACKAGES
	build build-check --enable-strict
	say "running all tests; build-check/check.log has all of it"
	make -C build-check -s -k -j"$(cores)" check-all > build-check/check.log 2>&1 && broken= || broken=1
	grep -E '^(FAIL|ERROR|XPASS): ' build-check/check.log || true
	failed=$(($(sum FAIL) + $(sum ERROR) + $(sum XPASS)))
	passed=$(sum PASS)
	# A run that broke off without saying so is a failure too.
	[ -z "$broken" ] || [ $failed -gt 0 ] || { tail -n 20 build-check/check.log; failed=1; }
	[ "$passed" -gt 0 ] || failed=$((failed + 1))
	say "$passed passed, $failed failed, $(sum SKIP) skipped"
	[ $failed = 0 ]
}

case ${1-} in
'') make_configure ;;
--quickstart) quickstart ;;
--check) check ;;
--packages) echo $(packages "${2-all}") ;;
--install) need_packages $(packages "${2-all}") ;;
-h | --help) sed -n '2,/shellcheck/{/shellcheck/d; s/^# \{0,1\}//p;}' "$0" ;;
*) fail "don't know \"$1\"; try --help" ;;
esac
