# doc: guides, decisions, manual pages.  The pages are scdoc; senderctl(1) takes its commands and
# options from the program itself, and so does the completion for bash.
EXTRA_DIST += $(DECISIONS)
include %D%/decisions/list.mk

MANUAL_PAGES = %D%/man/senderctl.conf.5.scd %D%/man/senderctl-officer.1.scd \
	%D%/man/senderctl-relay.1.scd \
	%D%/man/senderkeyd.8.scd
EXTRA_DIST += %D%/key_life.md
EXTRA_DIST += $(MANUAL_PAGES) %D%/man/senderctl.head.scd %D%/man/senderctl.tail.scd \
	%D%/man/tidy.awk
nodist_man_MANS = %D%/man/senderctl.1 %D%/man/senderctl.conf.5 \
	%D%/man/senderctl-officer.1 %D%/man/senderctl-relay.1 %D%/man/senderkeyd.8
CLEANFILES += $(nodist_man_MANS) %D%/completion/senderctl

%D%/man/senderctl.1: %D%/man/senderctl.head.scd %D%/man/senderctl.tail.scd senderctl$(EXEEXT) %D%/man/tidy.awk
	$(AM_V_GEN)$(MKDIR_P) $(@D) && { cat $(srcdir)/doc/man/senderctl.head.scd && \
	./senderctl$(EXEEXT) --lang en manual && cat $(srcdir)/doc/man/senderctl.tail.scd; } > $@.scd && \
	$(SCDOC) < $@.scd | $(AWK) -f $(srcdir)/doc/man/tidy.awk > $@.tmp && mv $@.tmp $@ && rm -f $@.scd
SCDOC_PAGE = $(AM_V_GEN)$(MKDIR_P) $(@D) && $(SCDOC) < $(srcdir)/$@.scd | \
	$(AWK) -f $(srcdir)/doc/man/tidy.awk > $@.tmp && mv $@.tmp $@
%D%/man/senderctl.conf.5: %D%/man/senderctl.conf.5.scd %D%/man/tidy.awk
	$(SCDOC_PAGE)
%D%/man/senderctl-officer.1: %D%/man/senderctl-officer.1.scd %D%/man/tidy.awk
	$(SCDOC_PAGE)
%D%/man/senderctl-relay.1: %D%/man/senderctl-relay.1.scd %D%/man/tidy.awk
	$(SCDOC_PAGE)
%D%/man/senderkeyd.8: %D%/man/senderkeyd.8.scd %D%/man/tidy.awk
	$(SCDOC_PAGE)

bashcompdir = $(datadir)/bash-completion/completions
nodist_bashcomp_DATA = %D%/completion/senderctl
%D%/completion/senderctl: senderctl$(EXEEXT)
	$(AM_V_GEN)$(MKDIR_P) $(@D) && ./senderctl$(EXEEXT) completion > $@.tmp && mv $@.tmp $@

EXTRA_DIST += %D%/examples/vendor.json %D%/examples/clients.csv %D%/examples/first-day.sh
EXTRA_DIST += %D%/users-guide.md %D%/words.md %D%/operations.md %D%/security.md %D%/news.md
EXTRA_DIST += %D%/benchmarks.md

# systemd units; installed as examples, because users and paths are the administrator's.
UNITS = %D%/systemd/senderctl-monitor.service %D%/systemd/senderctl-monitor-once.service \
	%D%/systemd/senderkeyd.service
EXTRA_DIST += %D%/systemd/senderkeyd.service.in %D%/systemd/senderctl-monitor.service.in %D%/systemd/senderctl-monitor-once.service.in
unitdir = $(pkgdatadir)/systemd
nodist_unit_DATA = $(UNITS)
dist_unit_DATA = %D%/systemd/senderctl-monitor.timer
CLEANFILES += $(UNITS)
$(UNITS): Makefile
	$(AM_V_GEN)$(MKDIR_P) $(@D) && $(SED) 's|@bindir[@]|$(bindir)|; s|@sbindir[@]|$(sbindir)|' $(srcdir)/$@.in > $@.tmp && mv $@.tmp $@
%D%/systemd/senderctl-monitor.service: %D%/systemd/senderctl-monitor.service.in
%D%/systemd/senderctl-monitor-once.service: %D%/systemd/senderctl-monitor-once.service.in
%D%/systemd/senderkeyd.service: %D%/systemd/senderkeyd.service.in
