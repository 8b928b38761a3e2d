# core/handover: what this room is made of
core_libcore_a_SOURCES += %D%/mustache.c %D%/mustache.h
