# core/verify: what this room is made of
core_libcore_a_SOURCES +=
