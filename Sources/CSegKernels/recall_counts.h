// Pixels of each class and those of them that are predicted otherwise; or pixels predicted as each class and those of
// them that belong to another. Include it twice: in part 1 of a kernel file, and in part 2 after pixel_block.h.
//
//   recall_of_counts(weights, counts, tasks, classes, floor)   weights from counts (tasks, classes, 2)
//
//   void count_block(v16i *total, v16i *missed, const v16 *z, classes, v16i label, by_prediction)
//                                            adds 16 pixels with a vector of logits for each class
//   void sum_counts(uint32_t *counts, const v16i *total, const v16i *missed, classes)
//                                            counts of one task (classes, 2)
#ifndef SK_RECALL_COUNTS
#define SK_RECALL_COUNTS
static inline void recall_of_counts(
    float *weights, const uint32_t *counts, size_t tasks, size_t classes, int32_t floor) {
  for (size_t c = 0; c < classes; c++) {
    uint64_t total = 0, missed = 0;
    for (size_t task = 0; task < tasks; task++) {
      total += counts[(task * classes + c) * 2];
      missed += counts[(task * classes + c) * 2 + 1];
    }
    if (floor && missed == 0) missed = 1;
    if (floor && total == 0) total = 1;
    weights[c] = total ? (float)((double)missed / (double)total) : 0;
  }
}
#endif

#ifdef SK_VARIANT

// Counted lane by lane: neighbours share a label, and a table of scalars would wait for itself.
SK_INLINE void SK_NAME(count_block)(
    v16i *total, v16i *missed, const v16 *z, size_t classes, v16i label, int32_t by_prediction) {
  v16 largest;
  v16i prediction = SK_NAME(predicted16)(z, classes, &largest);
  v16i wrong = prediction != label;
  v16i group = by_prediction ? prediction | (label & (v16i)(label < 0)) : label;
  for (size_t c = 0; c < classes; c++) {
    v16i here = group == (int32_t)c;
    total[c] -= here;
    missed[c] -= here & wrong;
  }
}

SK_INLINE void SK_NAME(sum_counts)(
    uint32_t *counts, const v16i *total, const v16i *missed, size_t classes) {
  for (size_t c = 0; c < classes; c++) {
    counts[2 * c] = counts[2 * c + 1] = 0;
    for (size_t lane = 0; lane < 16; lane++) {
      counts[2 * c] += (uint32_t)total[c][lane];
      counts[2 * c + 1] += (uint32_t)missed[c][lane];
    }
  }
}

#endif
