# core/handover: what this room is made of
core_libcore_a_SOURCES += %D%/handover.c %D%/handover.h
core_libcore_a_SOURCES += %D%/mustache.c %D%/mustache.h
core_libcore_a_SOURCES += %D%/sheet_delta.c %D%/sheet_delta.h
core_libcore_a_SOURCES += %D%/sheet_model.c %D%/sheet_model.h
core_libcore_a_SOURCES += %D%/sheet_render.c %D%/sheet_render.h
nodist_core_libcore_a_SOURCES = %D%/template_rows.inc

SHEET_TEMPLATES = \
	%D%/templates/mode.de.html %D%/templates/mode.de.txt \
	%D%/templates/mode.en.html %D%/templates/mode.en.txt \
	%D%/templates/record.de.html %D%/templates/record.de.txt \
	%D%/templates/record.en.html %D%/templates/record.en.txt \
	%D%/templates/sheet.css \
	%D%/templates/sheet.de.html %D%/templates/sheet.de.txt \
	%D%/templates/sheet.en.html %D%/templates/sheet.en.txt

BUILT_SOURCES += %D%/template_rows.inc
CLEANFILES += %D%/template_rows.inc
EXTRA_DIST += $(SHEET_TEMPLATES) %D%/embed_template.awk

%D%/template_rows.inc: $(SHEET_TEMPLATES) %D%/embed_template.awk
	$(AM_V_GEN)$(MKDIR_P) %D% && cd $(srcdir) && \
	$(AWK) -f %D%/embed_template.awk $(SHEET_TEMPLATES) > $(abs_top_builddir)/$@.tmp && \
	mv $(abs_top_builddir)/$@.tmp $(abs_top_builddir)/$@
