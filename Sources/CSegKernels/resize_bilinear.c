#ifndef SK_VARIANT
#include "sk_resize_bilinear.h"

// Where output position i reads: (1 - weight) * in[low] + weight * in[high].
struct lerp {
  int32_t low, high;
  float weight;
};

// Which outputs read input position i: those in [first, last); lerp tells how much.
struct readers {
  int32_t first, last;
};

struct axes {
  struct lerp *rows, *columns;
  struct readers *row_readers, *column_readers;
  float *between;  // (n, h, q, c): gradient after the rows
};

struct resize_args {
  sk_resize s;
  struct axes axes;
  float *out;
  const float *in;
  int32_t accumulate;
};

#define SK_SOURCE "resize_bilinear.c"
#include "variants.h"

// PyTorch's source positions, in its own precision.
static void fill_axis(struct lerp *axis, int32_t in, int32_t out, int32_t align_corners) {
  float scale = align_corners ? (out > 1 ? (float)(in - 1) / (float)(out - 1) : 0) : (float)in / (float)out;
  for (int32_t i = 0; i < out; i++) {
    float at = align_corners ? scale * (float)i : scale * ((float)i + 0.5f) - 0.5f;
    if (at < 0) at = 0;
    int32_t low = (int32_t)at;
    if (low > in - 1) low = in - 1;
    axis[i].low = low;
    axis[i].high = low + 1 < in ? low + 1 : low;
    axis[i].weight = at - (float)low;
  }
}

static void fill_readers(struct readers *readers, const struct lerp *axis, int32_t in, int32_t out) {
  for (int32_t i = 0; i < in; i++) readers[i] = (struct readers){out, 0};
  for (int32_t i = 0; i < out; i++)
    for (int32_t end = 0; end < 2; end++) {
      struct readers *r = &readers[end ? axis[i].high : axis[i].low];
      if (i < r->first) r->first = i;
      if (i + 1 > r->last) r->last = i + 1;
    }
}

static size_t padded(size_t bytes) { return (bytes + 63) / 64 * 64; }

static struct axes layout(const sk_resize *s, void *workspace, size_t *total) {
  char *at = workspace;
  struct axes axes;
  axes.rows = (struct lerp *)(void *)at;
  at += padded((size_t)s->p * sizeof(struct lerp));
  axes.columns = (struct lerp *)(void *)at;
  at += padded((size_t)s->q * sizeof(struct lerp));
  axes.row_readers = (struct readers *)(void *)at;
  at += padded((size_t)s->h * sizeof(struct readers));
  axes.column_readers = (struct readers *)(void *)at;
  at += padded((size_t)s->w * sizeof(struct readers));
  axes.between = (float *)(void *)at;
  *total = (size_t)(at - (char *)workspace);
  return axes;
}

size_t sk_resize_bilinear_bytes(const sk_resize *s) {
  size_t total;
  layout(s, NULL, &total);
  return total;
}

size_t sk_resize_bilinear_gradient_bytes(const sk_resize *s) {
  return sk_resize_bilinear_bytes(s) +
         (size_t)s->n * (size_t)s->h * (size_t)s->q * (size_t)s->c * sizeof(float);
}

static struct resize_args prepare(const sk_resize *s, void *workspace) {
  size_t total;
  struct resize_args args = {.s = *s, .axes = layout(s, workspace, &total)};
  fill_axis(args.axes.rows, s->h, s->p, s->align_corners);
  fill_axis(args.axes.columns, s->w, s->q, s->align_corners);
  return args;
}

void sk_resize_bilinear(
    sk_pool *pool, const sk_resize *s, float *y, const float *x, void *workspace) {
  struct resize_args args = prepare(s, workspace);
  args.out = y;
  args.in = x;
  sk_parallel_for(pool, (size_t)s->n * (size_t)s->p, SK_PICK(pool, resize_row), &args);
}

void sk_resize_bilinear_gradient(
    sk_pool *pool, const sk_resize *s, float *dx, const float *dy, int32_t accumulate,
    void *workspace) {
  struct resize_args args = prepare(s, workspace);
  fill_readers(args.axes.row_readers, args.axes.rows, s->h, s->p);
  fill_readers(args.axes.column_readers, args.axes.columns, s->w, s->q);
  args.in = dy;
  sk_parallel_for(pool, (size_t)s->n * (size_t)s->h, SK_PICK(pool, gather_rows), &args);
  args.in = args.axes.between;
  args.out = dx;
  args.accumulate = accumulate;
  sk_parallel_for(pool, (size_t)s->n * (size_t)s->h, SK_PICK(pool, gather_columns), &args);
}

#else

// One row of output pixels.
static void SK_NAME(resize_row)(void *context, size_t chunk, int32_t worker) {
  (void)worker;
  const struct resize_args *args = context;
  const sk_resize s = args->s;
  size_t image = chunk / (size_t)s.p, channels = (size_t)s.c, pitch = (size_t)s.w * channels;
  struct lerp row = args->axes.rows[chunk % (size_t)s.p];
  const float *top = args->in + (image * (size_t)s.h + (size_t)row.low) * pitch;
  const float *bottom = args->in + (image * (size_t)s.h + (size_t)row.high) * pitch;
  float below = row.weight, above = 1 - below;
  float *restrict y = args->out + chunk * (size_t)s.q * channels;
  for (int32_t column = 0; column < s.q; column++, y += channels) {
    struct lerp at = args->axes.columns[column];
    const float *a = top + (size_t)at.low * channels, *b = top + (size_t)at.high * channels;
    const float *c = bottom + (size_t)at.low * channels, *d = bottom + (size_t)at.high * channels;
    float right = at.weight, left = 1 - right;
    for (size_t k = 0; k < channels; k++)
      y[k] = above * (left * a[k] + right * b[k]) + below * (left * c[k] + right * d[k]);
  }
}

// Share of output `reader` that goes to input `position`.
SK_INLINE float SK_NAME(share)(struct lerp reader, int32_t position) {
  return (reader.low == position ? 1 - reader.weight : 0) + (reader.high == position ? reader.weight : 0);
}

// One row of (h, q): sums the rows of dy that read it.
static void SK_NAME(gather_rows)(void *context, size_t chunk, int32_t worker) {
  (void)worker;
  const struct resize_args *args = context;
  const sk_resize s = args->s;
  size_t image = chunk / (size_t)s.h, width = (size_t)s.q * (size_t)s.c;
  int32_t row = (int32_t)(chunk % (size_t)s.h);
  struct readers readers = args->axes.row_readers[row];
  float *restrict to = args->axes.between + chunk * width;
  for (size_t i = 0; i < width; i++) to[i] = 0;
  for (int32_t p = readers.first; p < readers.last; p++) {
    const float *restrict dy = args->in + (image * (size_t)s.p + (size_t)p) * width;
    float share = SK_NAME(share)(args->axes.rows[p], row);
    for (size_t i = 0; i < width; i++) to[i] += share * dy[i];
  }
}

// One row of dx: sums the columns that read each pixel.
static void SK_NAME(gather_columns)(void *context, size_t chunk, int32_t worker) {
  (void)worker;
  const struct resize_args *args = context;
  const sk_resize s = args->s;
  size_t channels = (size_t)s.c;
  const float *row = args->in + chunk * (size_t)s.q * channels;
  for (int32_t column = 0; column < s.w; column++) {
    float *restrict dx = args->out + (chunk * (size_t)s.w + (size_t)column) * channels;
    struct readers readers = args->axes.column_readers[column];
    if (!args->accumulate)
      for (size_t k = 0; k < channels; k++) dx[k] = 0;
    for (int32_t q = readers.first; q < readers.last; q++) {
      float share = SK_NAME(share)(args->axes.columns[q], column);
      const float *restrict from = row + (size_t)q * channels;
      for (size_t k = 0; k < channels; k++) dx[k] += share * from[k];
    }
  }
}

#endif
