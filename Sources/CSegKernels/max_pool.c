#ifndef SK_VARIANT
#include "sk_max_pool.h"

#include "max_pool.h"

struct max_pool_args {
  float *y;
  uint8_t *places;
  sk_conv2d_input x;  // whose activation is pooled, or x itself
  struct sk_pool_shape shape;
};

// The positions of window `index` that lie inside an axis of `extent` pixels.
static inline struct span taps_of(size_t index, size_t extent, const struct sk_pool_shape *shape) {
  size_t first = index * shape->stride;  // shifted by the padding, so that it is not negative
  struct span taps = {0, extent + shape->padding - first};
  if (first < shape->padding) taps.begin = shape->padding - first;
  if (taps.end > shape->kernel) taps.end = shape->kernel;
  return taps;
}

#define SK_SOURCE "max_pool.c"
#include "variants.h"

void sk_max_pool(
    sk_pool *pool, float *y, uint8_t *places, const sk_conv2d_input *x, struct sk_pool_shape shape) {
  struct max_pool_args args = {y, places, *x, shape};
  sk_parallel_for(pool, shape.n * shape.p, SK_PICK(pool, max_pool_row), &args);
}

#else
#include "vecmath.h"

// max(0, (x - mean) * scale + shift); NaN stays.
SK_INLINE float SK_NAME(activate)(const sk_activation *activation, float x, size_t c) {
  float value = (x - activation->mean[c]) * activation->scale[c] + activation->shift[c];
  return value < 0 ? 0 : value;
}

SK_INLINE v16 SK_NAME(activate16)(const sk_activation *activation, v16 x, size_t c) {
  v16 value = (x - SK_NAME(load16)(activation->mean + c)) * SK_NAME(load16)(activation->scale + c) +
              SK_NAME(load16)(activation->shift + c);
  return (v16)((v16i)value & ~(v16i)(value < 0.0f));
}

// One window, of x or of its activation. `corner` is its position (0, 0), which padding may put outside the image.
SK_INLINE void SK_NAME(max_pool_window)(
    const int activated, const sk_activation *activation, float *y, uint8_t *places, const float *image, ptrdiff_t corner,
    struct span rows, struct span columns, size_t kernel, const struct sk_pool_shape *shape) {
  size_t channels = shape->c;
  ptrdiff_t row_stride = (ptrdiff_t)(shape->w * channels), column_stride = (ptrdiff_t)channels;
#define SK_TAP(r, s) \
  (image + (corner + (ptrdiff_t)(r) * row_stride + (ptrdiff_t)(s) * column_stride))
  int32_t first = (int32_t)(rows.begin * kernel + columns.begin);
  size_t i = 0;
  for (; i + 16 <= channels; i += 16) {
    v16 most = SK_NAME(load16)(SK_TAP(rows.begin, columns.begin) + i);
    if (activated) most = SK_NAME(activate16)(activation, most, i);
    v16i place = (v16i){0} + first;
    for (size_t r = rows.begin; r < rows.end; r++)
      for (size_t s = columns.begin; s < columns.end; s++) {
        v16 value = SK_NAME(load16)(SK_TAP(r, s) + i);
        if (activated) value = SK_NAME(activate16)(activation, value, i);
        v16i take = (v16i)(value > most) | (v16i)(value != value);
        most = SK_NAME(select16)(take, value, most);
        place = (place & ~take) | ((v16i){0} + (int32_t)(r * kernel + s) & take);
      }
    SK_NAME(store16)(y + i, most);
    *(u8x16 *)(void *)(places + i) = __builtin_convertvector(place, u8x16);
  }
  for (; i < channels; i++) {
    float most = SK_TAP(rows.begin, columns.begin)[i];
    if (activated) most = SK_NAME(activate)(activation, most, i);
    int32_t place = first;
    for (size_t r = rows.begin; r < rows.end; r++)
      for (size_t s = columns.begin; s < columns.end; s++) {
        float value = SK_TAP(r, s)[i];
        if (activated) value = SK_NAME(activate)(activation, value, i);
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

SK_INLINE void SK_NAME(max_pool_windows)(const int activated, const struct max_pool_args *args, size_t chunk) {
  const struct sk_pool_shape *shape = &args->shape;
  const sk_activation *activation = &args->x.activation;
  size_t image = chunk / shape->p, p = chunk % shape->p;
  const float *x = args->x.x + image * shape->h * shape->w * shape->c;
  struct span rows = taps_of(p, shape->h, shape);
  ptrdiff_t top = (ptrdiff_t)(p * shape->stride) - (ptrdiff_t)shape->padding;
  for (size_t q = 0; q < shape->q; q++) {
    ptrdiff_t left = (ptrdiff_t)(q * shape->stride) - (ptrdiff_t)shape->padding;
    ptrdiff_t corner = (top * (ptrdiff_t)shape->w + left) * (ptrdiff_t)shape->c;
    size_t target = (chunk * shape->q + q) * shape->c;
    float *y = args->y + target;
    uint8_t *places = args->places + target;
    struct span columns = taps_of(q, shape->w, shape);
    const struct span three = {0, 3};
    // The usual window once more with its size known, for the compiler to unroll.
    if (shape->kernel == 3 && rows.end - rows.begin == 3 && columns.end - columns.begin == 3)
      SK_NAME(max_pool_window)(activated, activation, y, places, x, corner, three, three, 3, shape);
    else
      SK_NAME(max_pool_window)(activated, activation, y, places, x, corner, rows, columns, shape->kernel, shape);
  }
}

static void SK_NAME(max_pool_row)(void *context, size_t chunk, int32_t worker) {
  (void)worker;
  const struct max_pool_args *args = context;
  if (args->x.activation.scale)
    SK_NAME(max_pool_windows)(1, args, chunk);
  else
    SK_NAME(max_pool_windows)(0, args, chunk);
}

#endif
