core_libbase_a_SOURCES += \
	%D%/arena.c %D%/arena.h \
	%D%/attr.h \
	%D%/banned.h \
	%D%/clock.c %D%/clock.h \
	%D%/base64.c %D%/base64.h \
	%D%/conf.c %D%/conf.h \
	%D%/conf_text.c %D%/conf_text.h \
	%D%/err.c %D%/err.h \
	%D%/file.c %D%/file.h \
	%D%/log.c %D%/log.h \
	%D%/nearest.c %D%/nearest.h \
	%D%/rate.c %D%/rate.h \
	%D%/sha256.c %D%/sha256.h \
	%D%/text.c %D%/text.h \
	%D%/tree.c %D%/tree.h \
	%D%/utf8.c %D%/utf8.h \
	%D%/uuid.c %D%/uuid.h \
	%D%/words.c %D%/words.h
