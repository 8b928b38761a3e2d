#pragma once

/* The few compiler words we use; gcc and clang know them all. */
#define CHECKED                __attribute__((warn_unused_result))
#define PRINTF_LIKE(fmt, args) __attribute__((format(printf, fmt, args)))
#define LENGTH(array)          (sizeof(array) / sizeof((array)[0]))

/* An argument a function type demands and this function does not need. */
#define UNUSED(name) ((void)(name))
