// Scores of a batch of logits in one pass: argmax, confusion counts, calibration bins of every class,
// cross entropy, Brier score.
//
// Pixels are taken in blocks of BLOCK, turned from (pixel, class) to (class, pixel), so that every
// loop below runs over independent pixels and vectorises whatever the number of classes. All
// arithmetic after the argmax is in double. exp and log are our own few lines, since those of the C
// library differ between machines; no operation is contracted, so each vector width gives the same
// bits. The block and the histograms live on the stack, about 460 kB. Chunks of pixels are counted on several threads;
// integers and sums in order make the result independent of their number.

#include "sk_evaluate.h"

#include <float.h>
#include <math.h>
#include <string.h>

enum {
  BLOCK = 64,         // pixels of a block
  LANES = 8,          // private histograms: neighbouring pixels never wait for the same counter
  STRIDE = 16,        // words of a private histogram; word SK_EVALUATE_BINS takes pixels not counted
  COUNT_SHIFT = 44,   // a word holds a sum of probabilities below this bit and a count above it
  FLUSH_BLOCKS = 256  // 256 blocks * 8 pixels a lane: sum <= 2^11 * 2^32, count <= 2^11
};

typedef uint64_t histogram[LANES * STRIDE];  // of one class

#if defined(__x86_64__) && defined(__linux__)
#define VECTOR_VARIANTS __attribute__((target_clones("default", "arch=x86-64-v3", "arch=x86-64-v4")))
#else
#define VECTOR_VARIANTS
#endif
#define INLINE static inline __attribute__((always_inline))

INLINE uint64_t bits_of(double x) {
  uint64_t bits;
  memcpy(&bits, &x, sizeof bits);
  return bits;
}

INLINE double double_of(uint64_t bits) {
  double x;
  memcpy(&x, &bits, sizeof x);
  return x;
}

// e^x for -700 <= x <= 0 with a relative error below 1e-12; the sums of probabilities, in units of
// 2^-32, ask for no more. x = k ln 2 + r with |r| <= ln 2 / 2, e^r by its Taylor polynomial.
INLINE double exp_of_negative(double x) {
  const double magic = 0x1.8p52;  // adding it rounds to an integer, found in the low bits
  const double shifted = x * 0x1.71547652b82fep0 + magic;
  const double r = x - (shifted - magic) * 0x1.62e42fefa39efp-1;
  double e = 1.0 / 3628800;
  e = e * r + 1.0 / 362880;
  e = e * r + 1.0 / 40320;
  e = e * r + 1.0 / 5040;
  e = e * r + 1.0 / 720;
  e = e * r + 1.0 / 120;
  e = e * r + 1.0 / 24;
  e = e * r + 1.0 / 6;
  e = e * r + 0.5;
  e = e * r + 1.0;
  e = e * r + 1.0;
  return e * double_of((bits_of(shifted) + 1023) << 52);
}

// Natural logarithm of a normal x >= 1: x = 2^k m with m near 1, and log m = 2 artanh((m-1)/(m+1)).
INLINE double log_of(double x) {
  const uint64_t offset = bits_of(x) - 0x3fe6a09e00000000;  // bits of sqrt(1/2), rounded down
  const uint64_t exponent = offset & 0xfff0000000000000;
  const double m = double_of(bits_of(x) - exponent);
  // x >= 1, so the exponent is not negative and 2^52 + k is exact.
  const double k = double_of((exponent >> 52) | 0x4330000000000000) - 0x1p52;
  const double f = (m - 1.0) / (m + 1.0);
  const double g = f * f;
  double s = 2.0 / 21;
  s = s * g + 2.0 / 19;
  s = s * g + 2.0 / 17;
  s = s * g + 2.0 / 15;
  s = s * g + 2.0 / 13;
  s = s * g + 2.0 / 11;
  s = s * g + 2.0 / 9;
  s = s * g + 2.0 / 7;
  s = s * g + 2.0 / 5;
  s = s * g + 2.0 / 3;
  s = s * g + 2.0;
  return k * 0x1.62e42fee00000p-1 + (f * s + k * 0x1.a39ef35793c76p-33);
}

INLINE int32_t bin_of(double p) {
  const int32_t bin = (int32_t)(p * SK_EVALUATE_BINS);
  return bin < SK_EVALUATE_BINS - 1 ? bin : SK_EVALUATE_BINS - 1;
}

// p in units of 2^-32, rounded to nearest: adding 2^52 puts the integer into the low bits.
INLINE uint64_t fixed_of(double p) {
  return bits_of(p * 0x1p32 + 0x1p52) - 0x4330000000000000;
}

static void flush(histogram *lanes, int classes, int64_t *classwise) {
  for (int c = 0; c < classes; c++) {
    int64_t *own = classwise + c * 3 * SK_EVALUATE_BINS;
    for (int lane = 0; lane < LANES; lane++)
      for (int bin = 0; bin < SK_EVALUATE_BINS; bin++) {
        const uint64_t word = lanes[c][lane * STRIDE + bin];
        own[bin] += (int64_t)(word >> COUNT_SHIFT);
        own[2 * SK_EVALUATE_BINS + bin] += (int64_t)(word & (((uint64_t)1 << COUNT_SHIFT) - 1));
      }
  }
  memset(lanes, 0, (size_t)classes * sizeof(histogram));
}

// One block of pixels; the arrays over classes are (classes, BLOCK).
typedef struct block {
  _Alignas(64) float z[SK_EVALUATE_MAX_CLASSES * BLOCK];   // logits
  _Alignas(64) double e[SK_EVALUATE_MAX_CLASSES * BLOCK];  // e^(z - largest)
  _Alignas(64) double sum[BLOCK];                          // of e over classes
  _Alignas(64) double inverse[BLOCK];                      // 1 / sum: the largest probability
  _Alignas(64) double log_sum[BLOCK];
  _Alignas(64) double squares[BLOCK];  // sum of squared probabilities over classes
  _Alignas(64) float largest[BLOCK];  // logit
  _Alignas(64) int32_t best[BLOCK];   // its class
  _Alignas(64) int32_t bad[BLOCK];    // a logit is not finite
  _Alignas(64) int32_t counted[BLOCK];
} block;

// Without vector variants: the compiler's scattered stores are slower than these single ones.
static void turn(const float *restrict logits, int n, int classes, float *restrict z) {
  for (int i = 0; i < n; i++)
    for (int c = 0; c < classes; c++) z[c * BLOCK + i] = logits[(int64_t)i * classes + c];
  for (int i = n; i < BLOCK; i++)
    for (int c = 0; c < classes; c++) z[c * BLOCK + i] = 0;
}

VECTOR_VARIANTS static void find_bad(const float *restrict z, int classes, int32_t *restrict bad) {
  for (int i = 0; i < BLOCK; i++) bad[i] = 0;
  for (int c = 0; c < classes; c++)
    for (int i = 0; i < BLOCK; i++) bad[i] |= !(fabsf(z[c * BLOCK + i]) <= FLT_MAX);
}

VECTOR_VARIANTS static void find_best(const float *restrict z, int classes,
                                      float *restrict largest, int32_t *restrict best) {
  for (int i = 0; i < BLOCK; i++) largest[i] = z[i];
  for (int i = 0; i < BLOCK; i++) best[i] = 0;
  for (int c = 1; c < classes; c++)
    for (int i = 0; i < BLOCK; i++) {
      const float candidate = z[c * BLOCK + i];
      best[i] = candidate > largest[i] ? c : best[i];
      largest[i] = candidate > largest[i] ? candidate : largest[i];
    }
}

VECTOR_VARIANTS static void soften(const float *restrict z, const float *restrict largest,
                                   int classes, double *restrict e, double *restrict sum,
                                   double *restrict inverse, double *restrict log_sum) {
  for (int i = 0; i < BLOCK; i++) sum[i] = 0;
  for (int c = 0; c < classes; c++)
    for (int i = 0; i < BLOCK; i++) {
      const double x = (double)z[c * BLOCK + i] - (double)largest[i];
      // e^-700 is nothing beside the largest class's e^0, and still a normal number.
      const double term = exp_of_negative(x > -700.0 ? x : -700.0);
      e[c * BLOCK + i] = term;
      sum[i] += term;
    }
  for (int i = 0; i < BLOCK; i++) inverse[i] = 1.0 / sum[i];
  for (int i = 0; i < BLOCK; i++) log_sum[i] = log_of(sum[i]);
}

// Adds every class's probability to its histogram, for the pixels that are counted.
VECTOR_VARIANTS static void fill(const double *restrict e, const double *restrict inverse,
                                 const int32_t *restrict counted, int classes,
                                 uint64_t *restrict lanes, double *restrict squares) {
  _Alignas(64) int32_t slot[BLOCK];
  _Alignas(64) uint64_t word[BLOCK];
  for (int i = 0; i < BLOCK; i++) squares[i] = 0;
  for (int c = 0; c < classes; c++) {
    for (int i = 0; i < BLOCK; i++) {
      const double p = e[c * BLOCK + i] * inverse[i];
      squares[i] += p * p;
      slot[i] = (c * LANES + i % LANES) * STRIDE + (counted[i] ? bin_of(p) : SK_EVALUATE_BINS);
      word[i] = fixed_of(p) + ((uint64_t)1 << COUNT_SHIFT);
    }
    for (int i = 0; i < BLOCK; i++) lanes[slot[i]] += word[i];
  }
}

int sk_evaluate(const float *logits, const uint8_t *labels, int64_t pixels, int32_t classes,
                int32_t ignore, uint8_t *prediction, float *confidence,
                sk_evaluate_counts *counts) {
  if (classes < 1 || classes > SK_EVALUATE_MAX_CLASSES) return -1;
  if (pixels < 0 || pixels > SK_EVALUATE_MAX_PIXELS) return -1;
  block b;
  histogram lanes[SK_EVALUATE_MAX_CLASSES];
  memset(lanes, 0, (size_t)classes * sizeof(histogram));
  int waiting = 0;

  for (int64_t start = 0; start < pixels; start += BLOCK) {
    const int n = pixels - start < BLOCK ? (int)(pixels - start) : BLOCK;
    turn(logits + start * classes, n, classes, b.z);
    find_bad(b.z, classes, b.bad);
    int wanted = prediction || confidence, labelled = 0;
    for (int i = 0; i < n; i++) {
      // Zeros keep a broken pixel's arithmetic harmless; it stays out of every count below.
      if (b.bad[i])
        for (int c = 0; c < classes; c++) b.z[c * BLOCK + i] = 0;
      counts->nonfinite += b.bad[i];
    }
    for (int i = 0; i < BLOCK; i++) b.counted[i] = 0;
    for (int i = 0; labels && i < n; i++) {
      const int32_t label = labels[start + i];
      if (label == ignore) continue;
      if (label >= classes) {
        if (counts->unknown++ == 0) counts->first_unknown = start + i;
        continue;
      }
      b.counted[i] = !b.bad[i];
      labelled |= b.counted[i];
    }
    if (!wanted && !labelled) continue;

    find_best(b.z, classes, b.largest, b.best);
    soften(b.z, b.largest, classes, b.e, b.sum, b.inverse, b.log_sum);
    for (int i = 0; prediction && i < n; i++)
      prediction[start + i] = b.bad[i] ? 0 : (uint8_t)b.best[i];
    for (int i = 0; confidence && i < n; i++)
      confidence[start + i] = b.bad[i] ? 0 : (float)b.inverse[i];
    if (!labelled) continue;

    fill(b.e, b.inverse, b.counted, classes, lanes[0], b.squares);
    if (++waiting == FLUSH_BLOCKS) {
      flush(lanes, classes, counts->classwise);
      waiting = 0;
    }
    for (int i = 0; i < n; i++) {
      if (!b.counted[i]) continue;
      const int32_t label = labels[start + i], best = b.best[i];
      const int top = bin_of(b.inverse[i]);
      counts->valid++;
      counts->confusion[(int64_t)label * classes + best]++;
      const double p = b.e[label * BLOCK + i] * b.inverse[i];
      counts->classwise[(3 * label + 1) * SK_EVALUATE_BINS + bin_of(p)]++;
      counts->top[top]++;
      counts->top[SK_EVALUATE_BINS + top] += label == best;
      counts->top[2 * SK_EVALUATE_BINS + top] += (int64_t)fixed_of(b.inverse[i]);
      const double margin = (double)b.z[label * BLOCK + i] - (double)b.largest[i];
      counts->cross_entropy += b.log_sum[i] - margin;
      // Rounding may leave a certain and right prediction just below 0.
      const double distance = b.squares[i] - 2.0 * p + 1.0;
      counts->brier += distance > 0 ? distance : 0;
    }
  }
  flush(lanes, classes, counts->classwise);
  return 0;
}

struct chunks_args {
  const float *logits;
  const uint8_t *labels;
  int64_t pixels, chunk;
  int32_t classes, ignore;
  uint8_t *prediction;
  float *confidence;
  sk_evaluate_counts *totals;
  double *sums;
};

static void evaluate_chunk(void *context, size_t chunk, int32_t worker) {
  const struct chunks_args *args = context;
  const int64_t start = (int64_t)chunk * args->chunk, rest = args->pixels - start;
  sk_evaluate_counts *total = &args->totals[worker];
  // Counted in a copy, away from what other threads write to.
  sk_evaluate_counts counts = *total;
  counts.cross_entropy = 0;
  counts.brier = 0;
  counts.first_unknown = -1;
  sk_evaluate(args->logits + start * args->classes, args->labels ? args->labels + start : NULL,
              rest < args->chunk ? rest : args->chunk, args->classes, args->ignore,
              args->prediction ? args->prediction + start : NULL,
              args->confidence ? args->confidence + start : NULL, &counts);
  args->sums[2 * chunk] = counts.cross_entropy;
  args->sums[2 * chunk + 1] = counts.brier;
  total->valid = counts.valid;
  total->nonfinite = counts.nonfinite;
  total->unknown = counts.unknown;
  if (counts.first_unknown < 0) return;
  const int64_t first = start + counts.first_unknown;
  if (total->first_unknown < 0 || first < total->first_unknown) total->first_unknown = first;
}

int sk_evaluate_chunks(sk_pool *pool, const float *logits, const uint8_t *labels, int64_t pixels,
                       int64_t chunk, int32_t classes, int32_t ignore, uint8_t *prediction,
                       float *confidence, sk_evaluate_counts *totals, double *sums) {
  if (classes < 1 || classes > SK_EVALUATE_MAX_CLASSES) return -1;
  if (pixels < 0 || chunk < 1 || chunk > SK_EVALUATE_MAX_PIXELS) return -1;
  struct chunks_args args = {logits,     labels,     pixels, chunk, classes, ignore,
                             prediction, confidence, totals, sums};
  const size_t chunks = (size_t)((pixels + chunk - 1) / chunk);
  if (pool)
    sk_parallel_for(pool, chunks, evaluate_chunk, &args);
  else
    for (size_t i = 0; i < chunks; i++) evaluate_chunk(&args, i, 0);
  return 0;
}
