#include "conv2d_winograd_sizes.h"
#include "sk_winograd.h"

// What callers have to know before the forward pass runs: whether it can, its cost, and the memory it takes.

int32_t sk_winograd_fits(const sk_conv2d *conv) {
  return conv->r == 3 && conv->s == 3 && conv->stride == 1 && conv->padding == conv->dilation && conv->c % 16 == 0 &&
         conv->k % 16 == 0;
}

sk_winograd_cost sk_winograd_costs(const sk_conv2d *conv, int32_t exact) {
  struct tiling tiling = sk_tile(conv, exact, NULL);
  sk_winograd_cost cost = {0};
  for (int32_t i = 0; i < tiling.class_count; i++) {
    cost.product_rows += tiling.classes[i].products * tiling.classes[i].tiles;
    cost.products += tiling.classes[i].products;
  }
  return cost;
}

size_t sk_winograd_weight_floats(const sk_conv2d *conv, int32_t exact) {
  return sk_winograd_costs(conv, exact).products * weight_pitch((size_t)conv->c, (size_t)conv->k);
}

size_t sk_winograd_sum_tasks(const sk_conv2d *conv, int32_t exact) {
  size_t c = (size_t)conv->c, k = (size_t)conv->k;
  struct tiling tiling = sk_tile(conv, exact, NULL);
  size_t tasks = 0;
  for (int32_t i = 0; i < tiling.class_count; i++) {
    const struct tile_class *class = &tiling.classes[i];
    size_t range = stays_private(c, k) ? class->tiles : range_tiles(class, c, k);
    for (size_t first = 0; first < class->tiles; first += range)
      tasks += even_pieces(smaller(range, class->tiles - first), BLOCK_TILES);
  }
  return tasks;
}

size_t sk_winograd_forward_bytes(const sk_conv2d *conv, int32_t exact, int32_t prepared, int32_t workers) {
  size_t c = (size_t)conv->c, k = (size_t)conv->k;
  struct tiling tiling = sk_tile(conv, exact, NULL);
  size_t work = 0;
  for (int32_t i = 0; i < tiling.class_count; i++) {
    const struct tile_class *class = &tiling.classes[i];
    size_t floats;
    if (stays_private(c, k))
      floats = (prepared ? 0 : class->products * weight_pitch(c, k)) +
               (size_t)workers * private_floats(class->products, c);
    else
      floats = (prepared ? 0 : (size_t)workers * task_weight_floats(c)) + shared_floats(class, c, k);
    if (floats > work) work = floats;
  }
  return (table_floats(conv) + work) * sizeof(float);
}
