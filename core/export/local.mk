# core/export: what this room is made of
core_libcore_a_SOURCES += \
	%D%/apply.c %D%/apply.h \
	%D%/install.c %D%/install.h \
	%D%/outlet.c %D%/outlet.h \
	%D%/plan.c %D%/plan.h \
	%D%/release.c %D%/release.h \
	%D%/table.c %D%/table.h \
	%D%/target.h %D%/targets.c \
	%D%/target_opendkim.c %D%/target_postfix.c \
	%D%/tool.c %D%/tool.h \
	%D%/unseal.c %D%/unseal.h \
	%D%/view.c %D%/view.h \
	%D%/zone.c %D%/zone.h \
	%D%/zone_folder.c %D%/zone_folder.h
