#ifndef SK_GEMM_H
#define SK_GEMM_H
// The one door to OpenBLAS.
#include <stddef.h>
#include <stdint.h>

// NULL when OpenBLAS was found and is fit for use, else what is wrong with it.
const char *sk_blas_problem(void);
// Version, build options and the kernels chosen, e.g. "OpenBLAS 0.3.21 … SkylakeX".
const char *sk_blas_description(void);

// C[m x n] = A[m x k] B[k x n] + beta C, row major, on the calling thread alone.
void sk_gemm(
    size_t m, size_t n, size_t k, const float *a, size_t lda, const float *b, size_t ldb, float beta,
    float *c, size_t ldc);
// The same with A stored as [k x m].
void sk_gemm_at(
    size_t m, size_t n, size_t k, const float *a, size_t lda, const float *b, size_t ldb, float beta,
    float *c, size_t ldc);

#endif
