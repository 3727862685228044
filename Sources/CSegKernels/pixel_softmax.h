// Softmax of 16 pixels with a vector for each class, and spans of pixels of a region. Include it twice: in part 1
// of a kernel file, after pixel_chunks.h, and in part 2 after pixel_block.h.
//
//   struct pixel_span pixel_span(regions, chunk)   the pixels of one task, all of one region
//
//   v16 exponentials16(v16 *z, classes)     z[c] becomes e^(z[c] - largest); returns their sum
//   v16i lanes_below(count)                 -1 in the first `count` lanes
#ifndef SK_PIXEL_SOFTMAX
#define SK_PIXEL_SOFTMAX
struct pixel_span {
  size_t region, begin, end;
};

static inline struct pixel_span pixel_span(const struct sk_regions *regions, size_t chunk) {
  size_t chunks = pixel_chunks(regions->pixels);
  size_t region = chunk / chunks, first = chunk % chunks * PIXEL_CHUNK;
  size_t last = first + PIXEL_CHUNK < regions->pixels ? first + PIXEL_CHUNK : regions->pixels;
  return (struct pixel_span){
      .region = region, .begin = region * regions->pixels + first,
      .end = region * regions->pixels + last};
}
#endif

#ifdef SK_VARIANT

SK_INLINE v16 SK_NAME(exponentials16)(v16 *z, size_t classes) {
  v16 largest = SK_NAME(largest16)(z, classes), sum = {0};
  for (size_t c = 0; c < classes; c++) {
    z[c] = SK_NAME(exp16_below)(z[c] - largest);
    sum += z[c];
  }
  return sum;
}

SK_INLINE v16i SK_NAME(lanes_below)(size_t count) {
  const v16i lanes = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
  return lanes < (int32_t)count;
}

#endif
