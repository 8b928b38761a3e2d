noinst_LIBRARIES += %D%/libsql.a

# One statement per file; the list is the folder.
include %D%/query/statements.mk
include %D%/schema/migrations.mk

%C%_libsql_a_CPPFLAGS = $(AM_CPPFLAGS) $(PQ_CFLAGS) $(SODIUM_CFLAGS)
%C%_libsql_a_SOURCES = \
	%D%/complaint.c %D%/complaint.h %D%/complaint_rows.inc \
	%D%/db.c %D%/db.h %D%/db_again.c %D%/db_value.c %D%/row.c \
	%D%/migrate.c %D%/migrate.h \
	%D%/statement.c %D%/statement.h
nodist_%C%_libsql_a_SOURCES = %D%/statement_ids.h %D%/statement_rows.inc %D%/migration_rows.inc

BUILT_SOURCES += %D%/statement_ids.h %D%/statement_rows.inc %D%/migration_rows.inc
CLEANFILES += %D%/statement_ids.h %D%/statement_rows.inc %D%/migration_rows.inc
EXTRA_DIST += $(STATEMENTS) $(MIGRATIONS) %D%/embed.awk %D%/query/statements.mk %D%/schema/migrations.mk

%D%/statement_ids.h: $(STATEMENTS) %D%/embed.awk %D%/query/statements.mk
	$(AM_V_GEN)$(MKDIR_P) %D% && cd $(srcdir) && \
	$(AWK) -v want=ids -f %D%/embed.awk $(STATEMENTS) > $(abs_top_builddir)/$@.tmp && mv $(abs_top_builddir)/$@.tmp $(abs_top_builddir)/$@
%D%/statement_rows.inc: $(STATEMENTS) %D%/embed.awk %D%/query/statements.mk
	$(AM_V_GEN)$(MKDIR_P) %D% && cd $(srcdir) && \
	$(AWK) -v want=rows -f %D%/embed.awk $(STATEMENTS) > $(abs_top_builddir)/$@.tmp && mv $(abs_top_builddir)/$@.tmp $(abs_top_builddir)/$@
%D%/migration_rows.inc: $(MIGRATIONS) %D%/embed.awk %D%/schema/migrations.mk
	$(AM_V_GEN)$(MKDIR_P) %D% && cd $(srcdir) && \
	$(AWK) -v want=migrations -f %D%/embed.awk $(MIGRATIONS) > $(abs_top_builddir)/$@.tmp && mv $(abs_top_builddir)/$@.tmp $(abs_top_builddir)/$@
