// The short way through sound PNG files of 8 bits without interlacing, which nearly all are: one call of
// zlib for the whole picture instead of one a row, and filters undone with vectors (distributions
// build libpng without them). It judges nothing: at whatever is unusual or broken it gives up, and
// libpng reads the file or says what is wrong with it.

#include "png_plain.h"

#include <string.h>
#include <zlib.h>

#include "png_filters.h"

static uint32_t big_endian(const uint8_t *p) {
  return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

// The chunk at *position, checked; moves *position behind it. Contents are `size` bytes from `data`.
typedef struct {
  const uint8_t *type, *data;
  size_t size;
} piece;

static int next_piece(const uint8_t *bytes, size_t count, size_t *position, piece *out) {
  if (count - *position < 12) return 0;
  const uint8_t *start = bytes + *position;
  const size_t size = big_endian(start);
  if (size > 0x7fffffff || count - *position - 12 < size) return 0;
  *out = (piece){start + 4, start + 8, size};
  *position += 12 + size;
  return crc32_z(0, start + 4, size + 4) == big_endian(start + 8 + size);
}

static int is(const piece *p, const char *type) { return !memcmp(p->type, type, 4); }

// Whether nobody needs to understand the chunk to read the pixels.
static int is_ancillary(const piece *p) { return p->type[0] >= 'a' && p->type[0] <= 'z'; }

static int channels_of(uint8_t color_type) {
  switch (color_type) {
    case 0: case 3: return 1;
    case 2: return 3;
    case 4: return 2;
    case 6: return 4;
    default: return 0;
  }
}

// Inflates all IDAT chunks into `raw`, which they must fill exactly.
static int inflate_all(const uint8_t *bytes, size_t count, size_t position, uint8_t *raw,
                       size_t raw_bytes) {
  z_stream z = {0};
  if (raw_bytes > 0x7fffffff || inflateInit(&z) != Z_OK) return 0;
  z.next_out = raw;
  z.avail_out = (uInt)raw_bytes;
  enum { BEFORE, DATA, AFTER } state = BEFORE;
  int code = Z_OK, ended = 0;
  piece p;
  while (!ended && next_piece(bytes, count, &position, &p)) {
    if (is(&p, "IDAT")) {
      if (state == AFTER) break;
      state = DATA;
      z.next_in = (Bytef *)p.data;
      z.avail_in = (uInt)p.size;
      if (p.size && code == Z_OK) code = inflate(&z, Z_NO_FLUSH);
      if (z.avail_in) break;
    } else {
      if (state == DATA) state = AFTER;
      ended = is(&p, "IEND") && p.size == 0 && state == AFTER;
      if (!ended && !is_ancillary(&p) && !(is(&p, "PLTE") && state == BEFORE)) break;
    }
  }
  const int whole = ended && code == Z_STREAM_END && z.avail_out == 0;
  inflateEnd(&z);
  return whole;
}

int si_png_read_plain(const uint8_t *bytes, size_t count, uint8_t *out, size_t out_bytes) {
  static const uint8_t signature[8] = {0x89, 'P', 'N', 'G', 0x0d, 0x0a, 0x1a, 0x0a};
  size_t position = 8;
  piece header;
  if (count < 8 || memcmp(bytes, signature, 8)) return 0;
  if (!next_piece(bytes, count, &position, &header)) return 0;
  if (!is(&header, "IHDR") || header.size != 13) return 0;
  const uint8_t *h = header.data;
  const size_t width = big_endian(h), height = big_endian(h + 4);
  const size_t channels = (size_t)channels_of(h[9]);
  // Depth 8, deflate, the five filters, no interlacing.
  if (h[8] != 8 || h[10] || h[11] || h[12] || !channels) return 0;
  if (!width || !height || width > 1u << 28 || height > 1u << 28) return 0;
  const size_t row = width * channels;
  if (row > out_bytes || height * row != out_bytes) return 0;

  // Filtered rows are one byte longer than their pixels, so these can be written over them.
  if (!inflate_all(bytes, count, position, out, height * (row + 1))) return 0;
  for (size_t y = 0; y < height; y++) {
    const uint8_t *in = out + y * (row + 1);
    uint8_t *target = out + y * row;
    if (!undo_filter(in[0], in + 1, y ? target - row : NULL, target, row, channels)) return 0;
  }
  return 1;
}
