// The widest vector of the variant being compiled, for loops whose speed is worth different bits in different
// variants (matrix products, Winograd transforms). Included in the second part of a kernel file, once a variant.
//
// `vec` is the vector type, `VL` its floats. The generic variant has no fused multiply-add: `fused` rounds twice there.
#undef VL
#undef vec
#undef fused
#undef splat
#undef load
#undef store
#undef stream

#if SK_VARIANT == 2
#define VL 16
#elif SK_VARIANT == 1
#define VL 8
#else
#define VL 4
#endif

typedef float SK_NAME(native) __attribute__((vector_size(4 * VL), aligned(4)));
#define vec SK_NAME(native)
#define fused SK_NAME(fused_)
#define splat SK_NAME(splat_)
#define load SK_NAME(load_)
#define store SK_NAME(store_)
#define stream SK_NAME(stream_)

SK_INLINE vec fused(vec a, vec b, vec c) {
#if SK_VARIANT == 0
  return a * b + c;
#else
  return __builtin_elementwise_fma(a, b, c);
#endif
}

SK_INLINE vec splat(float x) {
  vec v = {x};
#if SK_VARIANT == 2
  return __builtin_shufflevector(v, v, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
#elif SK_VARIANT == 1
  return __builtin_shufflevector(v, v, 0, 0, 0, 0, 0, 0, 0, 0);
#else
  return __builtin_shufflevector(v, v, 0, 0, 0, 0);
#endif
}

SK_INLINE vec load(const float *from) { return *(const vec *)from; }
SK_INLINE void store(float *to, vec value) { *(vec *)to = value; }
// Past the caches (streaming.h); `to` is aligned to 64 bytes, and the rest of its line follows.
typedef float SK_NAME(line_part) __attribute__((vector_size(4 * VL)));
SK_INLINE void stream(float *to, vec value) {
  __builtin_nontemporal_store((SK_NAME(line_part))value, (SK_NAME(line_part) *)(void *)to);
}
