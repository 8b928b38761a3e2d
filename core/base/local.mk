core_libbase_a_SOURCES += \
	%D%/arena.c %D%/arena.h \
	%D%/attr.h \
	%D%/banned.h \
	%D%/err.c %D%/err.h \
	%D%/text.c %D%/text.h \
	%D%/tree.c %D%/tree.h \
	%D%/words.c %D%/words.h
