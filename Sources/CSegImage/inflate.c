#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "segimage.h"

int si_inflate(const uint8_t *bytes, size_t count, size_t limit, uint8_t **out, size_t *out_count,
               char message[SI_MESSAGE_SIZE]) {
  enum { PIECE = 1 << 30 };
  z_stream z = {0};
  if (inflateInit(&z) != Z_OK) return SI_OUT_OF_MEMORY;
  size_t capacity = 4 * count + 1024, filled = 0, taken = 0;
  if (capacity > limit) capacity = limit;
  uint8_t *data = malloc(capacity);
  int code = data ? Z_OK : Z_MEM_ERROR;
  while (code == Z_OK) {
    if (filled == capacity) {
      if (capacity == limit) break;
      const size_t wanted = capacity > limit / 2 ? limit : 2 * capacity;
      uint8_t *grown = realloc(data, wanted);
      if (!grown) {
        code = Z_MEM_ERROR;
        break;
      }
      data = grown;
      capacity = wanted;
    }
    // zlib counts in 32 bits.
    const size_t in = count - taken < PIECE ? count - taken : PIECE;
    const size_t room = capacity - filled < PIECE ? capacity - filled : PIECE;
    z.next_in = (Bytef *)(bytes + taken);
    z.avail_in = (uInt)in;
    z.next_out = data + filled;
    z.avail_out = (uInt)room;
    code = inflate(&z, Z_NO_FLUSH);
    taken += in - z.avail_in;
    filled += room - z.avail_out;
    // No progress: the bytes end too early.
    if (code == Z_BUF_ERROR) break;
  }
  int result = SI_OK;
  if (code == Z_MEM_ERROR) {
    result = SI_OUT_OF_MEMORY;
  } else if (code == Z_BUF_ERROR) {
    snprintf(message, SI_MESSAGE_SIZE, "compressed data end too early");
    result = SI_TRUNCATED;
  } else if (code == Z_OK) {
    snprintf(message, SI_MESSAGE_SIZE, "compressed data hold more than %zu bytes", limit);
    result = SI_DAMAGED;
  } else if (code != Z_STREAM_END) {
    snprintf(message, SI_MESSAGE_SIZE, "compressed data: %s", z.msg ? z.msg : "damaged");
    result = SI_DAMAGED;
  }
  inflateEnd(&z);
  if (result != SI_OK) {
    free(data);
    return result;
  }
  *out = data;
  *out_count = filled;
  return SI_OK;
}
