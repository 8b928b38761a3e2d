# Catalogues: German is written here, English is in the source.
LINGUAS = de
CATALOGUES = locale/de/LC_MESSAGES/senderctl.mo
EXTRA_DIST += %D%/de.po
noinst_DATA = $(CATALOGUES)
CLEANFILES += $(CATALOGUES)

locale/de/LC_MESSAGES/senderctl.mo: %D%/de.po
	$(AM_V_GEN)$(MKDIR_P) $(@D) && $(MSGFMT) --check -o $@ $(srcdir)/po/de.po

# Refresh the catalogue from the source; the translator fills what is new.
update-po:
	cd $(srcdir) && { find core cli keys sql -name '*.[ch]' | LC_ALL=C sort; echo sql/complaint_rows.inc; } > po/files.tmp && \
	$(XGETTEXT) --from-code=UTF-8 --language=C --keyword=_ --keyword=N_ --keyword=ngettext:1,2 --add-comments=TRANSLATORS \
		--no-location --no-wrap --sort-output --package-name=senderctl -o po/senderctl.pot.tmp -f po/files.tmp && \
	msgmerge --quiet --no-wrap --no-fuzzy-matching --sort-output po/de.po po/senderctl.pot.tmp | \
		sed -e '/^"POT-Creation-Date:/d' -e '/^"Report-Msgid-Bugs-To:/d' > po/de.po.tmp && mv po/de.po.tmp po/de.po && \
	rm -f po/files.tmp po/senderctl.pot.tmp
XGETTEXT = xgettext
.PHONY: update-po

install-data-local: $(CATALOGUES)
	for l in $(LINGUAS); do \
		$(MKDIR_P) $(DESTDIR)$(localedir)/$$l/LC_MESSAGES && \
		$(INSTALL_DATA) locale/$$l/LC_MESSAGES/senderctl.mo $(DESTDIR)$(localedir)/$$l/LC_MESSAGES/senderctl.mo || exit 1; \
	done
uninstall-local:
	for l in $(LINGUAS); do rm -f $(DESTDIR)$(localedir)/$$l/LC_MESSAGES/senderctl.mo; done
