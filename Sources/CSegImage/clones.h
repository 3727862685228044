#ifndef SEGIMAGE_CLONES_H
#define SEGIMAGE_CLONES_H

// Loops the compiler vectorises are also built for AVX2 and chosen when the program starts. Without
// contraction (-ffp-contract=off) both builds give the same bits.
// The thread sanitizer cannot be called as early as the choice is made.
#if defined(__x86_64__) && defined(__linux__) && !__has_feature(thread_sanitizer)
#define SI_CLONES __attribute__((target_clones("default", "arch=x86-64-v3")))
#else
#define SI_CLONES
#endif

#endif
