#ifndef SK_EVALUATE_H
#define SK_EVALUATE_H

#include <stdint.h>

#include "sk_pool.h"

// Bins of the calibration histograms: [0, 0.1), [0.1, 0.2) ... [0.9, 1].
#define SK_EVALUATE_BINS 10
// Sums of probabilities are integers in units of 2^-32, so that their order cannot matter.
#define SK_EVALUATE_FRACTION_BITS 32
// Most classes and pixels of one call; beyond these the integer sums could overflow.
#define SK_EVALUATE_MAX_CLASSES 256
#define SK_EVALUATE_MAX_PIXELS ((int64_t)1 << 28)

// What sk_evaluate counts. The arrays belong to the caller and are added to, never cleared.
typedef struct sk_evaluate_counts {
  int64_t *confusion;  // [classes, classes]: row truth, column prediction
  int64_t *classwise;  // [classes, 3, bins]: count, hits, sum of probability over pixels, of each class
  int64_t *top;        // [3, bins]: the same of the predicted class alone
  double cross_entropy;  // sum over valid pixels, natural logarithm, added in pixel order
  double brier;          // sum over valid pixels of the squared distance between probabilities and truth
  int64_t valid;         // pixels that entered the counts above
  int64_t nonfinite;     // pixels with a logit that is NaN or infinite, ignored pixels included
  int64_t unknown;       // pixels whose label is neither a class nor `ignore`
  int64_t first_unknown; // offset of the first of them in this call; -1: none (the caller sets -1)
} sk_evaluate_counts;

// One pass over the logits of `pixels` pixels.
//
// logits is (pixels, classes); labels is (pixels), or NULL to predict only; ignore is a label that is
// not counted, or -1. prediction (pixels) receives the class of the largest logit, the lowest on
// ties; confidence (pixels) its softmax probability; either may be NULL. A pixel with a logit that
// is not finite is predicted as class 0 with confidence 0 and is in no count but `nonfinite`.
// Returns 0, or -1 (nothing done) when classes or pixels are out of range.
int sk_evaluate(const float *logits, const uint8_t *labels, int64_t pixels, int32_t classes,
                int32_t ignore, uint8_t *prediction, float *confidence,
                sk_evaluate_counts *counts);

// The same over chunks of `chunk` pixels on the threads of `pool`; NULL: on the calling one.
//
// totals has one element for each thread of the pool, its arrays apart from one another: which thread
// counts a pixel is chance, so integers are to be added over all of them. sums is [chunks, 2]: cross
// entropy and Brier score of each chunk, to be added in order; those of totals are left alone.
// first_unknown is an offset from the first pixel of all.
int sk_evaluate_chunks(sk_pool *pool, const float *logits, const uint8_t *labels, int64_t pixels,
                       int64_t chunk, int32_t classes, int32_t ignore, uint8_t *prediction,
                       float *confidence, sk_evaluate_counts *totals, double *sums);

#endif
