// Pixels of a bilinearly resized image, sixteen of a row at a time with a vector for each channel, made where
// they are used instead of stored. Include it twice: in part 1 of a kernel file, and in part 2 after
// vecmath.h and pixel_block.h.
//
// Output rows between the same two input rows differ in two weights only. So a task goes over `bands` of
// them, and within it column by column of 16 pixels: it interpolates along two input rows once, and blends
// these for each output row. On the way back it sums what the output rows owe to either of the two, and only
// then goes across columns. Tasks share no input row but the first of one and the last of another, and each
// writes gradients of its own; `fold` adds them, upper task first.
//
//   bytes = resized_bytes(shape)          memory for the tables, and
//   bytes = resized_gradient_bytes(shape) for the tasks' gradients
//   place = make_resized(&resized, shape, memory)
//   tasks of all images: shape.n * resized.tasks
//
//   void interpolate_block(v16 *z, resized, x, block)   z[c] = channel c along input row x
//   void spread_block(float *row, v16 *g, resized, block)
//                          the transpose, added to row; g has a vector for each channel up to a multiple of
//                          16, 0 from shape.c on, and is destroyed
//   void fold_row(float *dz, resized, rows, chunk, scale, accumulate)
//                          row `chunk` of all images' gradients from the tasks' rows, times scale
#ifndef SK_RESIZED_BLOCKS
#define SK_RESIZED_BLOCKS
#include "sk_resize_bilinear.h"

#include "resize_axis.h"

enum { RESIZED_ROWS = 16 };  // output rows a task has at least, where the image has as many

struct resized {
  struct sk_resize_shape shape;
  struct resize_axis rows, columns;
  size_t blocks;       // of 16 output columns
  size_t bands;        // input rows of a task
  size_t tasks;        // of an image
  uint32_t *first;     // (blocks + 1): where a block's weights begin
  float *weights;      // of each block, for each input column it reads: 16 lanes
  size_t row_floats;   // of one row of a task's gradient
};

static inline size_t resized_bands(const struct sk_resize_shape *shape) {
  size_t bands = RESIZED_ROWS * shape->h / shape->p;
  return bands < 1 ? 1 : bands > shape->h ? shape->h : bands;
}

static inline size_t resized_tasks(const struct sk_resize_shape *shape) {
  size_t bands = resized_bands(shape);
  return (shape->h + bands - 1) / bands;
}

// Vectors reach beyond the last pixel, and so does what has weight 0.
static inline size_t resized_row_floats(const struct sk_resize_shape *shape) {
  return (shape->w + 1) * shape->c + 16;
}

static inline size_t resized_bytes(struct sk_resize_shape shape) {
  size_t blocks = (shape.q + 15) / 16;
  // Blocks side by side have at most two columns in common.
  return resize_axis_bytes(shape.h, shape.p) + resize_axis_bytes(shape.w, shape.q) +
         resize_aligned((blocks + 1) * 4) + (shape.w + 2 * blocks) * 64;
}

static inline size_t resized_gradient_bytes(struct sk_resize_shape shape) {
  size_t rows = resized_tasks(&shape) * (resized_bands(&shape) + 1);
  return resize_aligned(shape.n * rows * resized_row_floats(&shape) * 4);
}

static inline char *make_resized(
    struct resized *resized, struct sk_resize_shape shape, char *place) {
  resized->shape = shape;
  resized->blocks = (shape.q + 15) / 16;
  resized->bands = resized_bands(&shape);
  resized->tasks = resized_tasks(&shape);
  resized->row_floats = resized_row_floats(&shape);
  place = make_resize_axis(&resized->rows, place, shape.h, shape.p, shape.align_corners);
  place = make_resize_axis(&resized->columns, place, shape.w, shape.q, shape.align_corners);
  resized->first = (uint32_t *)(void *)place;
  resized->weights = (float *)(void *)(place += resize_aligned((resized->blocks + 1) * 4));
  const struct resize_axis *axis = &resized->columns;
  size_t count = 0;
  for (size_t block = 0; block < resized->blocks; block++) {
    size_t begin = block * 16, end = begin + 16 < shape.q ? begin + 16 : shape.q;
    size_t left = axis->lower[begin], right = axis->lower[end - 1] + 1;
    if (right > shape.w - 1) right = shape.w - 1;
    float *weights = resized->weights + count * 16;
    for (size_t i = 0; i < (right - left + 1) * 16; i++) weights[i] = 0;
    for (size_t q = begin; q < end; q++) {
      float *lane = weights + (axis->lower[q] - left) * 16 + (q - begin);
      lane[0] = axis->near[q];
      if (axis->lower[q] < right) lane[16] = axis->far[q];
    }
    resized->first[block] = (uint32_t)count;
    count += right - left + 1;
  }
  resized->first[resized->blocks] = (uint32_t)count;
  return place + (shape.w + 2 * resized->blocks) * 64;
}
#endif

#ifdef SK_VARIANT

SK_INLINE void SK_NAME(interpolate_block)(
    v16 *z, const struct resized *resized, const float *x, size_t block) {
  size_t channels = resized->shape.c;
  const float *weights = resized->weights + 16 * resized->first[block];
  size_t columns = resized->first[block + 1] - resized->first[block];
  x += resized->columns.lower[16 * block] * channels;
  for (size_t c = 0; c < channels; c++) {
    v16 sum = SK_NAME(load16)(weights) * x[c];
    for (size_t w = 1; w < columns; w++)
      sum += SK_NAME(load16)(weights + 16 * w) * x[w * channels + c];
    z[c] = sum;
  }
}

SK_INLINE void SK_NAME(add_to)(float *y, v16 x) { SK_NAME(store16)(y, SK_NAME(load16)(y) + x); }

SK_INLINE void SK_NAME(spread_block)(
    float *row, v16 *g, const struct resized *resized, size_t block) {
  const struct resize_axis *axis = &resized->columns;
  size_t channels = resized->shape.c, begin = 16 * block;
  size_t count = resized->shape.q - begin < 16 ? resized->shape.q - begin : 16;
  for (size_t i = 0; i < channels; i += 16) {
    SK_NAME(transpose16)(g + i);
    // Neighbours mostly lie between the same two columns: these are summed before memory is touched.
    size_t lower = axis->lower[begin];
    v16 here = {0}, next = {0};
    for (size_t lane = 0; lane < count; lane++) {
      size_t place = axis->lower[begin + lane];
      if (place != lower) {
        SK_NAME(add_to)(row + lower * channels + i, here);
        here = next;
        next = (v16){0};
        if (place > ++lower) {
          SK_NAME(add_to)(row + lower * channels + i, here);
          here = (v16){0};
          lower = place;
        }
      }
      here += axis->near[begin + lane] * g[i + lane];
      next += axis->far[begin + lane] * g[i + lane];
    }
    SK_NAME(add_to)(row + lower * channels + i, here);
    SK_NAME(add_to)(row + (lower + 1) * channels + i, next);
  }
}

// The first row of a task is also the one below the task before.
SK_INLINE void SK_NAME(fold_row)(
    float *dz, const struct resized *resized, const float *rows, size_t chunk, float scale,
    int32_t accumulate) {
  size_t image = chunk / resized->shape.h, h = chunk % resized->shape.h;
  size_t task = h / resized->bands, row = h % resized->bands;
  size_t width = resized->shape.w * resized->shape.c;
  const float *own = rows + ((image * resized->tasks + task) * (resized->bands + 1) + row) *
                                resized->row_floats;
  const float *before = own - resized->row_floats;
  int is_shared = row == 0 && task > 0;
  dz += chunk * width;
  for (size_t i = 0; i < width; i++) {
    float sum = (is_shared ? before[i] + own[i] : own[i]) * scale;
    dz[i] = accumulate ? dz[i] + sum : sum;
  }
}

#endif
