// Softmax cross entropy of 16 pixels with a vector of logits for each class. Include it in part 2 of a kernel file,
// after pixel_block.h.
//
//   v16 block_losses(const v16 *z, classes, v16i label)           logsumexp(z) - z_y; 0 where the label is negative
//   void block_gradients(v16 *z, classes, v16i label, v16 g)      z = g · (softmax(z) - onehot(y)); 0 likewise

SK_INLINE v16 SK_NAME(block_losses)(const v16 *z, size_t classes, v16i label) {
  v16 largest = SK_NAME(largest16)(z, classes);
  const v16 zero = {0};
  v16 sum = zero, target = zero;
  for (size_t c = 0; c < classes; c++) {
    v16 d = z[c] - largest;
    target = SK_NAME(select16)(label == (int32_t)c, d, target);
    sum += SK_NAME(exp16_below)(d);
  }
  // Selected, not multiplied: an ignored pixel may hold anything.
  return SK_NAME(select16)(label < 0, zero, SK_NAME(log16)(sum) - target);
}

SK_INLINE void SK_NAME(block_gradients)(v16 *z, size_t classes, v16i label, v16 g) {
  v16 largest = SK_NAME(largest16)(z, classes);
  const v16 zero = {0};
  // Of the true class p - 1, as the others' share: that does not cancel where p is nearly 1.
  v16 others = zero, target = zero;
  for (size_t c = 0; c < classes; c++) {
    v16i is_target = label == (int32_t)c;
    z[c] = SK_NAME(exp16_below)(z[c] - largest);
    others += SK_NAME(select16)(is_target, zero, z[c]);
    target = SK_NAME(select16)(is_target, z[c], target);
  }
  v16 scale = g / (others + target);
  for (size_t c = 0; c < classes; c++) {
    v16 slope = SK_NAME(select16)(label == (int32_t)c, zero - others, z[c]) * scale;
    z[c] = SK_NAME(select16)(label < 0, zero, slope);
  }
}
