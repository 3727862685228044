#ifndef SK_VARIANT
#include "sk_max_pool.h"

struct max_pool_args {
  float *out;
  const float *in;
  uint8_t *places;
  const uint8_t *read_places;
  struct sk_pool_shape shape;
  int32_t accumulate;
};

// Indices from `begin` to before `end`.
struct span {
  size_t begin, end;
};

// The positions of window `index` that lie inside an axis of `extent` pixels.
static inline struct span taps_of(size_t index, size_t extent, const struct sk_pool_shape *shape) {
  size_t first = index * shape->stride;  // shifted by the padding, so that it is not negative
  struct span taps = {0, extent + shape->padding - first};
  if (first < shape->padding) taps.begin = shape->padding - first;
  if (taps.end > shape->kernel) taps.end = shape->kernel;
  return taps;
}

// The windows that cover pixel `index` of an axis with `windows` of them.
static inline struct span windows_of(
    size_t index, size_t windows, const struct sk_pool_shape *shape) {
  size_t shifted = index + shape->padding;
  struct span span = {0, shifted / shape->stride + 1};
  if (shifted >= shape->kernel) span.begin = (shifted - shape->kernel) / shape->stride + 1;
  if (span.end > windows) span.end = windows;
  return span;
}

enum { MOST_TAPS = 16 };  // along one axis of a window

// A window that covers a pixel: where it is, and which of its positions the pixel is.
struct covering {
  size_t source;
  int32_t place;
};

typedef uint8_t u8x16 __attribute__((vector_size(16), aligned(1)));

#define SK_SOURCE "max_pool.c"
#include "variants.h"

void sk_max_pool(
    sk_pool *pool, float *y, uint8_t *places, const float *x, struct sk_pool_shape shape) {
  struct max_pool_args args = {.out = y, .in = x, .places = places, .shape = shape};
  sk_parallel_for(pool, shape.n * shape.p, SK_PICK(pool, max_pool_row), &args);
}

void sk_max_pool_gradient(
    sk_pool *pool, float *dx, const float *dy, const uint8_t *places, struct sk_pool_shape shape,
    int32_t accumulate) {
  struct max_pool_args args = {
      .out = dx, .in = dy, .read_places = places, .shape = shape, .accumulate = accumulate};
  sk_parallel_for(pool, shape.n * shape.h, SK_PICK(pool, max_pool_gradient_row), &args);
}

#else
#include "vecmath.h"

// One window. `x` points at its position (0, 0), which padding may put outside the image.
SK_INLINE void SK_NAME(max_pool_window)(
    float *y, uint8_t *places, const float *image, ptrdiff_t corner, struct span rows,
    struct span columns, size_t kernel, const struct sk_pool_shape *shape) {
  size_t channels = shape->c;
  ptrdiff_t row_stride = (ptrdiff_t)(shape->w * channels), column_stride = (ptrdiff_t)channels;
#define SK_TAP(r, s) \
  (image + (corner + (ptrdiff_t)(r) * row_stride + (ptrdiff_t)(s) * column_stride))
  int32_t first = (int32_t)(rows.begin * kernel + columns.begin);
  size_t i = 0;
  for (; i + 16 <= channels; i += 16) {
    v16 most = SK_NAME(load16)(SK_TAP(rows.begin, columns.begin) + i);
    v16i place = (v16i){0} + first;
    for (size_t r = rows.begin; r < rows.end; r++)
      for (size_t s = columns.begin; s < columns.end; s++) {
        v16 value = SK_NAME(load16)(SK_TAP(r, s) + i);
        v16i take = (v16i)(value > most) | (v16i)(value != value);
        most = SK_NAME(select16)(take, value, most);
        place = (place & ~take) | ((v16i){0} + (int32_t)(r * kernel + s) & take);
      }
    SK_NAME(store16)(y + i, most);
    *(u8x16 *)(void *)(places + i) = __builtin_convertvector(place, u8x16);
  }
  for (; i < channels; i++) {
    float most = SK_TAP(rows.begin, columns.begin)[i];
    int32_t place = first;
    for (size_t r = rows.begin; r < rows.end; r++)
      for (size_t s = columns.begin; s < columns.end; s++) {
        float value = SK_TAP(r, s)[i];
        if (value > most || value != value) {
          most = value;
          place = (int32_t)(r * kernel + s);
        }
      }
    y[i] = most;
    places[i] = (uint8_t)place;
  }
#undef SK_TAP
}

static void SK_NAME(max_pool_row)(void *context, size_t chunk, int32_t worker) {
  (void)worker;
  const struct max_pool_args *args = context;
  const struct sk_pool_shape *shape = &args->shape;
  size_t image = chunk / shape->p, p = chunk % shape->p;
  const float *x = args->in + image * shape->h * shape->w * shape->c;
  struct span rows = taps_of(p, shape->h, shape);
  ptrdiff_t top = (ptrdiff_t)(p * shape->stride) - (ptrdiff_t)shape->padding;
  for (size_t q = 0; q < shape->q; q++) {
    ptrdiff_t left = (ptrdiff_t)(q * shape->stride) - (ptrdiff_t)shape->padding;
    ptrdiff_t corner = (top * (ptrdiff_t)shape->w + left) * (ptrdiff_t)shape->c;
    size_t target = (chunk * shape->q + q) * shape->c;
    float *y = args->out + target;
    uint8_t *places = args->places + target;
    struct span columns = taps_of(q, shape->w, shape);
    const struct span three = {0, 3};
    // The usual window once more with its size known, for the compiler to unroll.
    if (shape->kernel == 3 && rows.end - rows.begin == 3 && columns.end - columns.begin == 3)
      SK_NAME(max_pool_window)(y, places, x, corner, three, three, 3, shape);
    else
      SK_NAME(max_pool_window)(y, places, x, corner, rows, columns, shape->kernel, shape);
  }
}

// dx of one pixel: the sum of dy over `count` windows whose largest value it may be.
SK_INLINE void SK_NAME(max_pool_gradient_pixel)(
    float *dx, const float *dy, const uint8_t *places, const struct covering *windows,
    size_t count, size_t channels, int32_t accumulate) {
  size_t i = 0;
  for (; i + 16 <= channels; i += 16) {
    v16 sum = accumulate ? SK_NAME(load16)(dx + i) : (v16){0};
    for (size_t k = 0; k < count; k++) {
      size_t source = windows[k].source + i;
      v16i place = __builtin_convertvector(*(const u8x16 *)(const void *)(places + source), v16i);
      v16i chosen = (v16i)(place == windows[k].place);
      sum += (v16)((v16i)SK_NAME(loaded16)(dy + source) & chosen);
    }
    SK_NAME(store16)(dx + i, sum);
  }
  for (; i < channels; i++) {
    float sum = accumulate ? dx[i] : 0;
    for (size_t k = 0; k < count; k++) {
      size_t source = windows[k].source + i;
      if (places[source] == windows[k].place) sum += dy[source];
    }
    dx[i] = sum;
  }
}

static void SK_NAME(max_pool_gradient_row)(void *context, size_t chunk, int32_t worker) {
  (void)worker;
  const struct max_pool_args *args = context;
  const struct sk_pool_shape *shape = &args->shape;
  size_t image = chunk / shape->h, h = chunk % shape->h, channels = shape->c;
  const float *dy = args->in + image * shape->p * shape->q * channels;
  const uint8_t *places = args->read_places + image * shape->p * shape->q * channels;
  struct span rows = windows_of(h, shape->p, shape);
  struct covering windows[MOST_TAPS * MOST_TAPS];
  for (size_t w = 0; w < shape->w; w++) {
    float *dx = args->out + (chunk * shape->w + w) * channels;
    struct span columns = windows_of(w, shape->q, shape);
    size_t count = 0;
    for (size_t p = rows.begin; p < rows.end; p++)
      for (size_t q = columns.begin; q < columns.end; q++) {
        size_t r = h + shape->padding - p * shape->stride;
        size_t s = w + shape->padding - q * shape->stride;
        windows[count].source = (p * shape->q + q) * channels;
        windows[count++].place = (int32_t)(r * shape->kernel + s);
      }
    SK_NAME(max_pool_gradient_pixel)(dx, dy, places, windows, count, channels, args->accumulate);
  }
}

#endif
