#ifndef SK_VARIANT
#include "sk_lovasz_jaccard.h"

#include "lovasz_order.h"
#include "pixel_chunks.h"
#include "pixel_softmax.h"

#include <string.h>

// What a class has in a chunk or region.
struct class_errors {
  uint32_t pixels;  // of its own
  float least;      // error of these; 2 where there are none
};

struct lovasz_args {
  float *dz, *slopes;
  const float *logits;
  const uint8_t *labels;
  struct sk_regions regions;
  int32_t accumulate, all_classes;
  float upstream;
  struct class_errors *chunk_errors;   // (chunks, classes)
  struct class_errors *region_errors;  // (regions, classes)
  double *scale;                       // (regions): one over the classes and regions of the mean
  double *losses;                      // (regions, classes)
  uint64_t *elements;                  // (workers, 2, pixels)
  uint8_t *is_broken;                  // (chunks): a valid pixel's logits are not numbers
};

// The loss of one class in the order of `sorted`, and its derivatives.
//
// With U pixels in the union and I of them still in the intersection, a pixel of the class takes one from I, and
// the Jaccard loss 1 - I/U grows by 1/U; any other adds one to U, and it grows by I/(U·(U+1)).
static double walk(
    float *slopes, const uint64_t *sorted, size_t count, size_t own_pixels, double scale) {
  double loss = 0;
  int64_t inside = (int64_t)own_pixels, all = (int64_t)own_pixels;
  for (size_t i = 0; i < count; i++) {
    uint64_t element = sorted[i];
    int64_t own = order_is_own(element);
    double growth = (double)(own ? 1 : inside) / ((double)all * (double)(own ? 1 : all + 1));
    loss += order_error(element) * growth;
    slopes[order_index(element)] = (float)(own ? -growth * scale : growth * scale);
    inside -= own;
    all += 1 - own;
  }
  return loss;
}

#define SK_SOURCE "lovasz_jaccard.c"
#include "variants.h"

static size_t aligned(size_t bytes) { return (bytes + 63) / 64 * 64; }

// Lays out the workspace, where there is one; returns its size.
static size_t lay_out(struct lovasz_args *args, char *place, size_t workers) {
  const struct sk_regions *regions = &args->regions;
  size_t chunks = regions->regions * pixel_chunks(regions->pixels);
  size_t rows = regions->regions * regions->classes, offset = 0;
#define LOVASZ_PART(member, count)                            \
  if (place) args->member = (void *)(place + offset);         \
  offset += aligned((count) * sizeof *args->member)
  LOVASZ_PART(chunk_errors, chunks * regions->classes);
  LOVASZ_PART(region_errors, rows);
  LOVASZ_PART(scale, regions->regions);
  LOVASZ_PART(losses, rows);
  LOVASZ_PART(elements, workers * 2 * regions->pixels);
  LOVASZ_PART(is_broken, chunks);
#undef LOVASZ_PART
  return offset;
}

size_t sk_lovasz_jaccard_bytes(struct sk_regions regions, size_t workers) {
  struct lovasz_args args = {.regions = regions};
  return lay_out(&args, NULL, workers);
}

// Adds up the chunks' counts; returns whether any chunk was broken.
static int find_region_errors(struct lovasz_args *args) {
  const struct sk_regions *regions = &args->regions;
  size_t chunks = pixel_chunks(regions->pixels), classes = regions->classes;
  int is_broken = 0;
  for (size_t region = 0; region < regions->regions; region++) {
    struct class_errors *errors = args->region_errors + region * classes;
    for (size_t c = 0; c < classes; c++) errors[c] = (struct class_errors){.least = 2};
    for (size_t chunk = region * chunks; chunk < (region + 1) * chunks; chunk++) {
      is_broken |= args->is_broken[chunk];
      const struct class_errors *part = args->chunk_errors + chunk * classes;
      for (size_t c = 0; c < classes; c++) {
        errors[c].pixels += part[c].pixels;
        if (part[c].least < errors[c].least) errors[c].least = part[c].least;
      }
    }
    size_t present = 0;
    for (size_t c = 0; c < classes; c++) present += errors[c].pixels > 0;
    size_t counted = present > 0 && args->all_classes ? classes : present;
    args->scale[region] = counted > 0 ? 1 / ((double)counted * (double)regions->regions) : 0;
  }
  return is_broken;
}

void sk_lovasz_jaccard(
    sk_pool *pool, float *loss, float *slopes, const float *logits, const uint8_t *labels,
    struct sk_regions regions, int32_t all_classes, void *workspace) {
  struct lovasz_args args = {
      .slopes = slopes, .logits = logits, .labels = labels, .regions = regions,
      .all_classes = all_classes};
  lay_out(&args, workspace, (size_t)sk_pool_threads(pool));
  size_t chunks = regions.regions * pixel_chunks(regions.pixels);
  sk_parallel_for(pool, chunks, SK_PICK(pool, error_chunk), &args);
  int is_broken = find_region_errors(&args);
  sk_parallel_for(pool, regions.regions * regions.classes, SK_PICK(pool, class_task), &args);
  double sum = 0;
  for (size_t region = 0; region < regions.regions; region++)
    for (size_t c = 0; c < regions.classes; c++)
      sum += args.scale[region] * args.losses[region * regions.classes + c];
  *loss = is_broken ? __builtin_nanf("") : (float)sum;
}

void sk_lovasz_jaccard_gradient(
    sk_pool *pool, float *dz, const float *logits, const uint8_t *labels, const float *slopes,
    float upstream, struct sk_regions regions, int32_t accumulate) {
  struct lovasz_args args = {
      .dz = dz, .logits = logits, .labels = labels, .slopes = (float *)slopes, .regions = regions,
      .accumulate = accumulate, .upstream = upstream};
  sk_parallel_for(
      pool, regions.regions * pixel_chunks(regions.pixels), SK_PICK(pool, gradient_chunk), &args);
}

#else
#include "vecmath.h"

#include "pixel_block.h"
#include "pixel_softmax.h"

// Where the slopes of a pixel span begin, for the first class.
SK_INLINE float *SK_NAME(slopes_of)(const struct lovasz_args *args, struct pixel_span span) {
  size_t row = span.region * args->regions.classes * args->regions.pixels;
  return args->slopes + row + (span.begin - span.region * args->regions.pixels);
}

// Writes errors where the slopes will be: that of a pixel of the class itself with its sign set, that of a pixel
// that is not valid as NaN.
static void SK_NAME(error_chunk)(void *context, size_t chunk, int32_t worker) {
  (void)worker;
  const struct lovasz_args *args = context;
  struct pixel_span span = pixel_span(&args->regions, chunk);
  size_t classes = args->regions.classes, pixels = args->regions.pixels;
  float *row = SK_NAME(slopes_of)(args, span);
  _Alignas(64) v16 z[PIXEL_CLASSES], least[PIXEL_CLASSES];
  _Alignas(64) v16i own[PIXEL_CLASSES];
  _Alignas(64) float scratch[16 * PIXEL_CLASSES];
  memset(own, 0, classes * sizeof *own);
  for (size_t c = 0; c < classes; c++) least[c] = SK_NAME(splat16)(2);
  v16i broken = {0};
  const v16 zero = {0}, nothing = SK_NAME(splat16)(__builtin_nanf(""));
  for (size_t pixel = span.begin; pixel < span.end; pixel += 16, row += 16) {
    size_t count = span.end - pixel < 16 ? span.end - pixel : 16;
    SK_NAME(load_pixels)(
        z, args->logits + pixel * classes, classes, count, (span.end - pixel) * classes, scratch);
    v16i label = SK_NAME(load_labels)(args->labels + pixel, classes, count, args->regions.ignore);
    v16 sum = SK_NAME(exponentials16)(z, classes), share = 1 / sum;
    // 1 - p of the label's class, without a difference that cancels.
    v16 others = zero;
    for (size_t c = 0; c < classes; c++)
      others += SK_NAME(select16)(label == (int32_t)c, zero, z[c]);
    others *= share;
    broken |= (v16i)(sum != sum) & (label >= 0);
    for (size_t c = 0; c < classes; c++) {
      v16i here = label == (int32_t)c;
      v16 error = SK_NAME(select16)(here, -others, z[c] * share);
      least[c] = SK_NAME(select16)(here & (v16i)(others < least[c]), others, least[c]);
      own[c] -= here;
      error = SK_NAME(select16)(label < 0, nothing, error);
      if (count == 16) SK_NAME(store16)(row + c * pixels, error);
      else SK_NAME(store16_part)(row + c * pixels, error, count);
    }
  }
  struct class_errors *result = args->chunk_errors + chunk * classes;
  for (size_t c = 0; c < classes; c++) {
    result[c] = (struct class_errors){.least = 2};
    for (size_t lane = 0; lane < 16; lane++) {
      result[c].pixels += (uint32_t)own[c][lane];
      if (least[c][lane] < result[c].least) result[c].least = least[c][lane];
    }
  }
  int32_t any = 0;
  for (size_t lane = 0; lane < 16; lane++) any |= broken[lane];
  args->is_broken[chunk] = any != 0;
}

// Takes the elements whose place in the order matters out of a row, and leaves zeros in it.
//
// Once the last pixel of the class itself has left the intersection, the loss grows no more: pixels of other
// classes with a smaller error have no part.
static size_t SK_NAME(take_elements)(uint64_t *elements, float *row, size_t pixels, float least) {
  size_t taken = 0;
  for (size_t pixel = 0; pixel < pixels; pixel += 16) {
    size_t count = pixels - pixel < 16 ? pixels - pixel : 16;
    v16 error = count == 16 ? SK_NAME(load16)(row + pixel)
                            : SK_NAME(load16_part)(row + pixel, count, __builtin_nanf(""));
    v16i bits = (v16i)error;
    v16i matters = (v16i)((v16)(bits & 0x7fffffff) >= least);
    if (count == 16) SK_NAME(store16)(row + pixel, (v16){0});
    else SK_NAME(store16_part)(row + pixel, (v16){0}, count);
    if (__builtin_reduce_or(matters) == 0) continue;
    for (size_t lane = 0; lane < 16; lane++) {
      elements[taken] = order_element((uint32_t)bits[lane], (uint32_t)(pixel + lane));
      taken += (size_t)(matters[lane] & 1);
    }
  }
  return taken;
}

// An absent class: the first pixel makes the loss 1, so that only the largest error counts.
static double SK_NAME(largest_error)(float *row, size_t pixels, double scale) {
  float largest = -1;
  size_t place = 0;
  for (size_t pixel = 0; pixel < pixels; pixel++) {
    if (row[pixel] > largest) {
      largest = row[pixel];
      place = pixel;
    }
    row[pixel] = 0;
  }
  if (largest < 0) return 0;
  row[place] = (float)scale;
  return largest;
}

static void SK_NAME(class_task)(void *context, size_t task, int32_t worker) {
  const struct lovasz_args *args = context;
  size_t pixels = args->regions.pixels, region = task / args->regions.classes;
  struct class_errors errors = args->region_errors[task];
  float *row = args->slopes + task * pixels;
  double scale = args->scale[region];
  if (errors.pixels == 0) {
    args->losses[task] = 0;
    if (args->all_classes) args->losses[task] = SK_NAME(largest_error)(row, pixels, scale);
    else memset(row, 0, pixels * sizeof *row);
    return;
  }
  uint64_t *elements = args->elements + (size_t)worker * 2 * pixels;
  size_t count = SK_NAME(take_elements)(elements, row, pixels, errors.least);
  const uint64_t *sorted = order_sort(elements, elements + pixels, count);
  args->losses[task] = walk(row, sorted, count, errors.pixels, scale);
}

static void SK_NAME(gradient_chunk)(void *context, size_t chunk, int32_t worker) {
  (void)worker;
  const struct lovasz_args *args = context;
  struct pixel_span span = pixel_span(&args->regions, chunk);
  size_t classes = args->regions.classes, pixels = args->regions.pixels;
  const float *row = SK_NAME(slopes_of)(args, span);
  _Alignas(64) v16 p[PIXEL_CLASSES], slope[PIXEL_CLASSES];
  _Alignas(64) float scratch[16 * PIXEL_CLASSES];
  for (size_t pixel = span.begin; pixel < span.end; pixel += 16, row += 16) {
    size_t count = span.end - pixel < 16 ? span.end - pixel : 16;
    SK_NAME(load_pixels)(
        p, args->logits + pixel * classes, classes, count, (span.end - pixel) * classes, scratch);
    v16i label = SK_NAME(load_labels)(args->labels + pixel, classes, count, args->regions.ignore);
    v16 share = 1 / SK_NAME(exponentials16)(p, classes);
    const v16 zero = {0};
    v16 mean = zero;
    for (size_t c = 0; c < classes; c++) {
      p[c] *= share;
      slope[c] = count == 16 ? SK_NAME(load16)(row + c * pixels)
                             : SK_NAME(load16_part)(row + c * pixels, count, 0);
      mean += p[c] * slope[c];
    }
    for (size_t c = 0; c < classes; c++)
      p[c] = SK_NAME(select16)(label < 0, zero, args->upstream * p[c] * (slope[c] - mean));
    SK_NAME(store_pixels)(
        args->dz + pixel * classes, p, classes, count, args->accumulate, scratch);
  }
}

#endif
