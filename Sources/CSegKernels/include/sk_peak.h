#ifndef SK_PEAK_H
#define SK_PEAK_H
// What this machine does at best, to be held against kernels that were timed in the same minute.
#include "sk_pool.h"

// Runs `rounds` chains of multiply-adds that stay in registers, on all threads of the pool; returns the number of
// floating-point operations done. Variants without fused multiply-add multiply and add. `sink` holds 16 floats.
double sk_peak_fma(sk_pool *pool, size_t rounds, float *sink);

// Floats of scratch memory for `sk_peak_gemm` with `workers` threads.
size_t sk_peak_gemm_floats(size_t m, size_t n, size_t k, int32_t workers);
// Runs `rounds` products C[m x n] = A[m x k] B[k x n] through sk_gemm, each thread on matrices of its own; returns the number
// of floating-point operations done.
double sk_peak_gemm(sk_pool *pool, size_t rounds, size_t m, size_t n, size_t k, float *workspace);

#endif
