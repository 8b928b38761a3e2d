#!/bin/bash
# Is every sentence that the program can say there in German?
cd "${top_srcdir:?}" || exit 1
command -v xgettext > /dev/null || { echo "1..0 # SKIP xgettext is not installed"; exit 0; }
folder=$(mktemp -d) || exit 1
trap 'rm -rf "$folder"' EXIT
{ find core cli keys sql -name '*.[ch]' | LC_ALL=C sort; echo sql/complaint_rows.inc; } > "$folder/files"
xgettext --from-code=UTF-8 --keyword=_ --keyword=N_ --keyword=ngettext:1,2 --language=C \
	--no-location -o "$folder/all.pot" -f "$folder/files" &&
	msgmerge -q --no-fuzzy-matching -o "$folder/de.po" po/de.po "$folder/all.pot" || exit 1
echo 1..2
missing=$(msgattrib --untranslated --no-obsolete --no-wrap "$folder/de.po" | sed -n 's/^msgid "\(..*\)"$/\1/p')
if [ -z "$missing" ]; then echo "ok 1 - every sentence is there in German"
else echo "not ok 1 - every sentence is there in German"; printf '%s\n' "$missing" | head -n 40 | sed 's/^/# /'
fi
unused=$(msgattrib --only-obsolete "$folder/de.po" | grep -c '^#~ msgid')
if [ "$unused" -lt 40 ]; then echo "ok 2 - the catalogue holds no heap of forgotten sentences"
else echo "not ok 2 - the catalogue holds $unused forgotten sentences"
fi
[ -z "$missing" ] && [ "$unused" -lt 40 ]
