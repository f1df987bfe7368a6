/* Leaks fail a Criterion test only if its body asks for them; without a sanitizer this asks for nothing. Criterion itself leaks
 * where tests of one program with different timeouts run side by side: give them the same one. */
#ifndef EW_TEST_LEAKS_H
#define EW_TEST_LEAKS_H

#include <criterion/criterion.h>

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/lsan_interface.h>
#define assert_no_leaks() cr_assert(!__lsan_do_recoverable_leak_check())
#else
#define assert_no_leaks() ((void)0)
#endif

#endif
