#ifndef CSEG_TEST_SUPPORT_H
#define CSEG_TEST_SUPPORT_H
// Counts calls of malloc and its kin, on all threads of the process, while asked to. Linking this target replaces the C
// library's functions; never link it into the program.
#include <stddef.h>

// 0 under a sanitizer, which has its own malloc.
int st_can_count_allocations(void);

void st_start_counting_allocations(void);
// Calls since the start.
size_t st_stop_counting_allocations(void);

// Where allocation `index` (the first few since the start) was asked for, and its size; NULL beyond them. For addr2line.
const void *st_allocation_site(size_t index, size_t *bytes);

#endif
