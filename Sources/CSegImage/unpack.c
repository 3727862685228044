// libdeflate unpacks PNG files two to three times as fast as zlib, which libpng needs anyway. It is taken where it is
// installed: loaded when first wanted instead of linked, so that building and running do without.

#include <dlfcn.h>
#include <pthread.h>
#include <zlib.h>

#include "segimage.h"

typedef struct decompressor decompressor;

static struct {
  decompressor *(*make)(void);
  void (*free)(decompressor *);
  // 0 when the stream is sound; how much of `in` and `out` it took.
  int (*decompress)(decompressor *, const void *in, size_t in_count, void *out, size_t out_count,
                    size_t *taken, size_t *filled);
  uint32_t (*crc)(uint32_t, const void *, size_t);
} deflate_library;

static pthread_once_t once = PTHREAD_ONCE_INIT;

static void load(void) {
  void *library = dlopen("libdeflate.so.0", RTLD_NOW | RTLD_LOCAL);
  if (!library) return;
  deflate_library.free = (void (*)(decompressor *))dlsym(library, "libdeflate_free_decompressor");
  deflate_library.decompress =
      (int (*)(decompressor *, const void *, size_t, void *, size_t, size_t *, size_t *))dlsym(
          library, "libdeflate_zlib_decompress_ex");
  deflate_library.crc =
      (uint32_t (*)(uint32_t, const void *, size_t))dlsym(library, "libdeflate_crc32");
  if (!deflate_library.free || !deflate_library.decompress || !deflate_library.crc) return;
  // Last: it says that the others are there.
  deflate_library.make = (decompressor * (*)(void)) dlsym(library, "libdeflate_alloc_decompressor");
}

const char *si_unpack_library(void) {
  pthread_once(&once, load);
  return deflate_library.make ? "libdeflate" : "zlib";
}

int si_unpack_zlib(const uint8_t *in, size_t in_count, uint8_t *out, size_t out_count) {
  z_stream z = {0};
  // zlib counts in 32 bits.
  if (in_count > 0x7fffffff || out_count > 0x7fffffff || inflateInit(&z) != Z_OK) return 0;
  z.next_in = (Bytef *)in;
  z.avail_in = (uInt)in_count;
  z.next_out = out;
  z.avail_out = (uInt)out_count;
  const int code = inflate(&z, Z_FINISH);
  const int whole = code == Z_STREAM_END && z.avail_in == 0 && z.avail_out == 0;
  inflateEnd(&z);
  return whole;
}

uint32_t si_crc32(const uint8_t *bytes, size_t count) {
  pthread_once(&once, load);
  return deflate_library.make ? deflate_library.crc(0, bytes, count)
                              : (uint32_t)crc32_z(0, bytes, count);
}

int si_unpack(const uint8_t *in, size_t in_count, uint8_t *out, size_t out_count) {
  pthread_once(&once, load);
  decompressor *d = deflate_library.make ? deflate_library.make() : NULL;
  if (!d) return si_unpack_zlib(in, in_count, out, out_count);
  size_t taken = 0, filled = 0;
  const int code = deflate_library.decompress(d, in, in_count, out, out_count, &taken, &filled);
  deflate_library.free(d);
  return code == 0 && taken == in_count && filled == out_count;
}
