#include "sk_gemm.h"

#include <dlfcn.h>
#include <stdlib.h>

#include "sk_pool.h"

// OpenBLAS picks its kernels by the processor's model number when it is loaded, and a release older than
// the processor falls back to the slowest ones (0.3.21 takes a Xeon of 2023 for a Prescott of 2004: 34
// instead of 150 GFLOP/s). The right family is known from the instruction set, but it can only be told through
// the environment and before loading: hence dlopen at start-up instead of linking.

typedef void sgemm_function(
    int order, int trans_a, int trans_b, int m, int n, int k, float alpha, const float *a, int lda,
    const float *b, int ldb, float beta, float *c, int ldc);

static sgemm_function *sgemm;
static const char *problem = "OpenBLAS was not loaded";
static const char *description = "none";

__attribute__((constructor)) static void load_blas(void) {
  int32_t isa = sk_detect_isa();
  const char *family = isa == SK_AVX512 ? "SkylakeX" : isa == SK_AVX2 ? "Haswell" : NULL;
  // 0: what the user has set stays.
  if (family) setenv("OPENBLAS_CORETYPE", family, 0);
  // Its own threads would only wait; ours call it.
  setenv("OPENBLAS_NUM_THREADS", "1", 1);
  void *library = dlopen("libopenblas.so.0", RTLD_NOW | RTLD_LOCAL);
  if (!library) library = dlopen("libopenblas.so", RTLD_NOW | RTLD_LOCAL);
  if (!library) {
    problem = "libopenblas.so.0 was not found (Debian: apt-get install libopenblas0-pthread)";
    return;
  }
  sgemm = (sgemm_function *)dlsym(library, "cblas_sgemm");
  void (*set_threads)(int) = (void (*)(int))dlsym(library, "openblas_set_num_threads");
  int (*parallel)(void) = (int (*)(void))dlsym(library, "openblas_get_parallel");
  char *(*config)(void) = (char *(*)(void))dlsym(library, "openblas_get_config");
  if (!sgemm || !set_threads || !parallel || !config) {
    problem = "the libopenblas found is not OpenBLAS (cblas_sgemm or openblas_* is missing)";
    return;
  }
  // A build without locks gives wrong results when two threads call it; OpenMP builds keep threads of their own.
  if (parallel() != 1) {
    problem = "this OpenBLAS is not the pthread build (Debian: apt-get install libopenblas0-pthread)";
    return;
  }
  set_threads(1);
  description = config();
  problem = NULL;
}

const char *sk_blas_problem(void) { return problem; }
const char *sk_blas_description(void) { return description; }

enum { ROW_MAJOR = 101, PLAIN = 111, TRANSPOSED = 112 };

void sk_gemm(
    size_t m, size_t n, size_t k, const float *a, size_t lda, const float *b, size_t ldb, float beta,
    float *c, size_t ldc) {
  sgemm(ROW_MAJOR, PLAIN, PLAIN, (int)m, (int)n, (int)k, 1, a, (int)lda, b, (int)ldb, beta, c,
        (int)ldc);
}

void sk_gemm_at(
    size_t m, size_t n, size_t k, const float *a, size_t lda, const float *b, size_t ldb, float beta,
    float *c, size_t ldc) {
  sgemm(ROW_MAJOR, TRANSPOSED, PLAIN, (int)m, (int)n, (int)k, 1, a, (int)lda, b, (int)ldb, beta, c,
        (int)ldc);
}
