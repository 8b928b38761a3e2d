#!/bin/bash
# Is the house in order?  Words that have hurt others, statements nobody uses, rules nobody
# has, commands no story tells, paths of somebody's machine.
# shellcheck disable=SC2046
cd "${top_srcdir:?}" || exit 1
: "${top_builddir:?}"
shopt -s lastpipe
count=0 bad=0

# none NAME [TODO]: standard input must be empty
none() {
	local found
	found=$(cat)
	count=$((count + 1))
	if [ -z "$found" ]; then echo "ok $count - $1"; return; fi
	[ -n "${2-}" ] || bad=1
	echo "not ok $count - $1${2:+ # TODO $2}"
	printf '%s\n' "$found" | head -n 40 | sed 's/^/# /'
}

c_files() { find core cli keys sql -name '*.[ch]' | LC_ALL=C sort; }
in_c() { grep -nE "$1" $(c_files); }
named_without() { grep -vE "^($1):"; }

in_c '\b(strcpy|strcat|stpcpy|v?sprintf|strtok|ato[ifl]|gets|system|popen|alloca|setjmp|longjmp)[[:blank:]]*\(' |
	none "no banned word is called"
in_c '\bgetenv[[:blank:]]*\(' | named_without 'core/base/(conf|conf_text|words)\.c' |
	none "only core/base reads the environment"
in_c '^[^"]*\b(TODO|FIXME|XXX)\b' | grep -vE '#[0-9]+' | none "nothing is left to do without an issue's number"
in_c '"[^"]*\b(SELECT .* FROM|INSERT INTO|DELETE FROM|CREATE (TABLE|ROLE))\b' | named_without 'sql/db\.c' |
	none "no SQL outside sql/"
in_c '[[:blank:]]+$' | none "no blanks at the end of a line"
awk 'length($0) > 120 { print FILENAME ":" FNR ": " length($0) " columns" }' $(c_files) |
	none "no line is wider than a page"
grep -rnE '/(work|home)/[a-z]+/' core cli keys sql tests/lib tests/flow tests/unit doc README.md autogen.sh configure.ac \
	--include='*' 2> /dev/null | grep -vE '/home/(USER|you|alice)|tests/data' |
	none "no path of somebody's machine"

for file in $(c_files); do
	case $file in *.h) head -n 4 "$file" | grep -q '^/\*\|pragma once' &&
		{ grep -q '^ \* [a-z0-9_]* -- ' "$file" || [ "$file" = core/base/attr.h ] ||
			echo "$file: no contract (\" * name -- what it is\")"; } ;; esac
done | none "every header says what it is"

used=$(cat $(c_files) tests/*/*.[ch] 2> /dev/null | grep -oE '\bSTMT_[A-Z0-9_]+' | sort -u)
for file in sql/query/*.sql; do
	name=${file##*/} name=STMT_$(printf '%s' "${name%.sql}" | tr '[:lower:]' '[:upper:]')
	grep -qx "$name" <<< "$used" || echo "$file"
done | none "every statement is used"

schema=$(cat sql/schema/*.sql)
sed -n 's/^[ \t]*{ *"\([a-z0-9_]*\)".*/\1/p' sql/complaint_rows.inc | while read -r rule; do
	grep -qw -- "${rule%_pkey}" <<< "$schema" || echo "$rule"
done | none "every complaint is about a rule of the schema"

stories=$(cat tests/flow/*.sh tests/sql/*.sh tests/daemon/* doc/examples/*.sh 2> /dev/null)
"$top_builddir/senderctl" help 2>&1 | sed -n '/^  [a-z]/s/^  \([a-z -]*[a-z]\)  .*/\1/p' |
	grep -vE '^(completion|manual|version)$' | while read -r words; do
	grep -qE "(senderctl|ctl|sc)[\"',()[:space:]]+.*$(sed "s/ /[\"', ]+/g" <<< "$words")" <<< "$stories" ||
		echo "$words"
done | none "every command has a flow test"
echo "1..$count"
exit $bad
