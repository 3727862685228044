// The short way through sound PNG files of 8 bits without interlacing, which nearly all are: one call of
// libdeflate or zlib for the whole picture instead of one a row, and filters undone with vectors (distributions
// build libpng without them). It judges nothing: at whatever is unusual or broken it gives up, and
// libpng reads the file or says what is wrong with it.

#include "png_plain.h"

#include <stdlib.h>
#include <string.h>

#include "png_four_rows.h"
#include "segimage.h"

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
  return si_crc32(start + 4, size + 4) == big_endian(start + 8 + size);
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

// The contents of all IDAT chunks, one after the other, behind them IEND: `*data` points into the file where there is one
// chunk, and else at `*joined`, to be freed.
static int collect_data(const uint8_t *bytes, size_t count, size_t position, const uint8_t **data,
                        size_t *size, uint8_t **joined) {
  enum { BEFORE, DATA, AFTER } state = BEFORE;
  piece p;
  *size = 0;
  while (next_piece(bytes, count, &position, &p)) {
    if (is(&p, "IDAT")) {
      if (state == AFTER) return 0;
      state = DATA;
      if (*size && !*joined) {
        // What is left of the file is enough for what is left of the chunks.
        *joined = malloc(count);
        if (!*joined) return 0;
        memcpy(*joined, *data, *size);
      }
      if (*joined) memcpy(*joined + *size, p.data, p.size);
      *data = *joined ? *joined : p.data;
      *size += p.size;
    } else {
      if (state == DATA) state = AFTER;
      if (is(&p, "IEND") && p.size == 0) return state == AFTER;
      if (!is_ancillary(&p) && !(is(&p, "PLTE") && state == BEFORE)) return 0;
    }
  }
  return 0;
}

// Fills `raw` with the unpacked contents of all IDAT chunks, which must fill it exactly.
static int unpack_data(const uint8_t *bytes, size_t count, size_t position, uint8_t *raw,
                       size_t raw_bytes) {
  const uint8_t *data = NULL;
  uint8_t *joined = NULL;
  size_t size;
  const int whole = collect_data(bytes, count, position, &data, &size, &joined) &&
                    si_unpack(data, size, raw, raw_bytes);
  free(joined);
  return whole;
}

// Undoes the filters of `height` rows of `row` bytes. Filtered rows are one byte longer than their pixels, so these are
// written over them.
static int undo_filters(uint8_t *rows, size_t height, size_t row, size_t channels) {
  uint8_t *four = NULL;
  if (channels >= 3 && row >= SI_FOUR_ROWS_MINIMUM) four = malloc(4 * (row + 1));
  size_t y = 0;
  int known = 1;
  while (known && y < height) {
    const uint8_t *in = rows + y * (row + 1);
    uint8_t *out = rows + y * row;
    if (four && y && height - y >= 4) {
      // The pixels of a row may lie where the next ones' are still to be read.
      memcpy(four, in, 4 * (row + 1));
      known = undo_four_rows(four, out - row, out, row, channels);
      y += 4;
    } else {
      known = undo_filter(in[0], in + 1, y ? out - row : NULL, out, row, channels);
      y++;
    }
  }
  free(four);
  return known;
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

  return unpack_data(bytes, count, position, out, height * (row + 1)) &&
         undo_filters(out, height, row, channels);
}
