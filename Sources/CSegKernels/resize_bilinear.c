#ifndef SK_VARIANT
#include "sk_resize_bilinear.h"

#include "resize_axis.h"
#include "sk_basic.h"

struct resize_args {
  float *out;
  const float *in;
  struct sk_resize_shape shape;
  struct resize_axis rows, columns;
  float *scratch;
  size_t scratch_stride;
  int32_t accumulate;
};

// Floats that vectors may read beyond the end of a row.
enum { SLACK = 16, COLUMN_BLOCK = 512 };

static char *make_axes(struct resize_args *args, void *workspace) {
  const struct sk_resize_shape *shape = &args->shape;
  char *place = make_resize_axis(&args->rows, workspace, shape->h, shape->p, shape->align_corners);
  return make_resize_axis(
      &args->columns, place, shape->w, shape->q, shape->align_corners);
}

static size_t row_floats(const struct sk_resize_shape *shape) {
  return resize_aligned((shape->w * shape->c + SLACK) * 4) / 4;
}

#define SK_SOURCE "resize_bilinear.c"
#include "variants.h"

size_t sk_resize_bilinear_workspace(struct sk_resize_shape shape, size_t workers) {
  return resize_axis_bytes(shape.h, shape.p) + resize_axis_bytes(shape.w, shape.q) +
         workers * row_floats(&shape) * 4;
}

void sk_resize_bilinear(
    sk_pool *pool, float *y, const float *x, struct sk_resize_shape shape, void *workspace) {
  if (shape.h == shape.p && shape.w == shape.q) {
    sk_copy(pool, y, x, shape.n * shape.h * shape.w * shape.c, 0);
    return;
  }
  struct resize_args args = {.out = y, .in = x, .shape = shape};
  args.scratch = (float *)(void *)make_axes(&args, workspace);
  args.scratch_stride = row_floats(&shape);
  sk_parallel_for(pool, shape.n * shape.p, SK_PICK(pool, resize_row), &args);
}

size_t sk_resize_bilinear_gradient_workspace(struct sk_resize_shape shape) {
  return resize_axis_bytes(shape.h, shape.p) + resize_axis_bytes(shape.w, shape.q) +
         (shape.n * (shape.h + 1) * shape.q * shape.c + SLACK) * 4;
}

void sk_resize_bilinear_gradient(
    sk_pool *pool, float *dx, const float *dy, struct sk_resize_shape shape, int32_t accumulate,
    void *workspace) {
  if (shape.h == shape.p && shape.w == shape.q) {
    sk_copy(pool, dx, dy, shape.n * shape.h * shape.w * shape.c, accumulate);
    return;
  }
  struct resize_args args = {.out = dx, .in = dy, .shape = shape, .accumulate = accumulate};
  args.scratch = (float *)(void *)make_axes(&args, workspace);
  size_t blocks = (shape.q * shape.c + COLUMN_BLOCK - 1) / COLUMN_BLOCK;
  sk_parallel_for(pool, shape.n * blocks, SK_PICK(pool, gather_rows_block), &args);
  sk_parallel_for(pool, shape.n * shape.h, SK_PICK(pool, gather_columns_row), &args);
}

#else
#include "vecmath.h"

// One output row: two input rows are blended into scratch, then its pixels are.
static void SK_NAME(resize_row)(void *context, size_t chunk, int32_t worker) {
  const struct resize_args *args = context;
  const struct sk_resize_shape *shape = &args->shape;
  size_t image = chunk / shape->p, p = chunk % shape->p, c = shape->c, width = shape->w * c;
  size_t lower = args->rows.lower[p];
  const float *a = args->in + (image * shape->h + lower) * width;
  const float *b = lower + 1 < shape->h ? a + width : a;
  float near = args->rows.near[p], far = args->rows.far[p];
  float *restrict row = args->scratch + (size_t)worker * args->scratch_stride;
  for (size_t i = 0; i < width; i++) row[i] = near * a[i] + far * b[i];

  float *y = args->out + chunk * shape->q * c;
  for (size_t q = 0; q < shape->q; q++, y += c) {
    size_t left = args->columns.lower[q];
    const float *s = row + left * c, *t = left + 1 < shape->w ? s + c : s;
    v16 u = SK_NAME(splat16)(args->columns.near[q]), v = SK_NAME(splat16)(args->columns.far[q]);
    if (c < 16) {
      // Lanes past c spill into the next pixel, which is written after this one.
      v16 blend = u * SK_NAME(load16)(s) + v * SK_NAME(load16)(t);
      if (q * c + 16 <= shape->q * c)
        SK_NAME(store16)(y, blend);
      else
        SK_NAME(store16_part)(y, blend, c);
      continue;
    }
    for (size_t i = 0; i + 16 <= c; i += 16)
      SK_NAME(store16)(y + i, u * SK_NAME(load16)(s + i) + v * SK_NAME(load16)(t + i));
    size_t last = c - 16;  // once more over what is done, to reach the end in one vector
    if (c % 16)
      SK_NAME(store16)(y + last, u * SK_NAME(load16)(s + last) + v * SK_NAME(load16)(t + last));
  }
}

// a[0 ..< count] += Σ near · dy, b likewise with far, over output rows begin ..< end of distance `stride`.
SK_INLINE void SK_NAME(add_rows)(
    float *restrict a, float *restrict b, const float *dy, size_t stride, size_t count,
    const float *near, const float *far, size_t begin, size_t end) {
  size_t p = begin;
  for (; p + 4 <= end; p += 4) {
    const float *restrict d0 = dy + p * stride, *restrict d1 = d0 + stride;
    const float *restrict d2 = d1 + stride, *restrict d3 = d2 + stride;
    const float *m = near + p, *f = far + p;
    for (size_t i = 0; i < count; i++) {
      a[i] += (m[0] * d0[i] + m[1] * d1[i]) + (m[2] * d2[i] + m[3] * d3[i]);
      b[i] += (f[0] * d0[i] + f[1] * d1[i]) + (f[2] * d2[i] + f[3] * d3[i]);
    }
  }
  for (; p < end; p++) {
    const float *restrict d = dy + p * stride;
    float m = near[p], f = far[p];
    for (size_t i = 0; i < count; i++) {
      a[i] += m * d[i];
      b[i] += f * d[i];
    }
  }
}

// First pass, over a block of columns of one image: scratch (n, h + 1, q·c) = vertical transpose of dy.
// The row past the image only takes what has weight 0.
static void SK_NAME(gather_rows_block)(void *context, size_t chunk, int32_t worker) {
  (void)worker;
  const struct resize_args *args = context;
  const struct sk_resize_shape *shape = &args->shape;
  size_t width = shape->q * shape->c, blocks = (width + COLUMN_BLOCK - 1) / COLUMN_BLOCK;
  size_t image = chunk / blocks, begin = chunk % blocks * COLUMN_BLOCK;
  size_t count = width - begin < COLUMN_BLOCK ? width - begin : COLUMN_BLOCK;
  const float *dy = args->in + image * shape->p * width + begin;
  float *sums = args->scratch + image * (shape->h + 1) * width + begin;
  for (size_t i = 0; i < count; i++) sums[i] = 0;
  for (size_t h = 0; h < shape->h; h++) {
    float *a = sums + h * width, *b = a + width;
    for (size_t i = 0; i < count; i++) b[i] = 0;
    SK_NAME(add_rows)(
        a, b, dy, width, count, args->rows.near, args->rows.far, args->rows.first[h],
        args->rows.first[h + 1]);
  }
}

// Σ weight · pixel over output columns begin ..< end.
SK_INLINE v16 SK_NAME(add_columns)(
    v16 sum, const float *pixels, size_t c, const float *weight, size_t begin, size_t end) {
  for (size_t q = begin; q < end; q++) sum += weight[q] * SK_NAME(load16)(pixels + q * c);
  return sum;
}

// Second pass, over one input row: each pixel gathers from the output columns that read it.
static void SK_NAME(gather_columns_row)(void *context, size_t chunk, int32_t worker) {
  (void)worker;
  const struct resize_args *args = context;
  const struct sk_resize_shape *shape = &args->shape;
  size_t image = chunk / shape->h, h = chunk % shape->h, c = shape->c;
  const float *sums = args->scratch + (image * (shape->h + 1) + h) * shape->q * c;
  float *dx = args->out + chunk * shape->w * c, *end = dx + shape->w * c;
  const uint32_t *first = args->columns.first;
  v16i lanes = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
  for (size_t w = 0; w < shape->w; w++) {
    size_t before = w ? first[w - 1] : first[w], middle = first[w], after = first[w + 1];
    for (size_t i = 0; i < c; i += 16) {
      v16 sum = SK_NAME(add_columns)((v16){0}, sums + i, c, args->columns.far, before, middle);
      sum = SK_NAME(add_columns)(sum, sums + i, c, args->columns.near, middle, after);
      float *place = dx + w * c + i;
      size_t count = c - i < 16 ? c - i : 16;
      if (end - place < 16) {
        for (size_t lane = 0; lane < count; lane++)
          place[lane] = args->accumulate ? place[lane] + sum[lane] : sum[lane];
        continue;
      }
      // Lanes past c spill into the next pixel: stored after this one, or left as they are.
      if (args->accumulate) {
        v16 old = SK_NAME(load16)(place);
        sum = SK_NAME(select16)((v16i)(lanes < (int32_t)count), old + sum, old);
      }
      SK_NAME(store16)(place, sum);
    }
  }
}

#endif
