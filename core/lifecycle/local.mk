# core/lifecycle: what this room is made of
core_libcore_a_SOURCES += %D%/key_note.c %D%/key_note.h
core_libcore_a_SOURCES += %D%/key_sight.c %D%/key_sight.h
core_libcore_a_SOURCES += %D%/key_step.c %D%/key_step.h
core_libcore_a_SOURCES += %D%/rotation.c %D%/rotation.h
core_libcore_a_SOURCES += %D%/succession.c %D%/succession.h
core_libcore_a_SOURCES += %D%/emergency.c %D%/emergency.h
