#ifndef SEGIMAGE_PNG_PLAIN_H
#define SEGIMAGE_PNG_PLAIN_H

#include <stddef.h>
#include <stdint.h>

// Reads the samples of an 8-bit PNG without interlacing into `out`, as si_png_read_samples, which
// has room for one byte more in each row. Returns 0 when the file is of another kind or not sound in every byte; `out` then holds anything.
int si_png_read_plain(const uint8_t *bytes, size_t count, uint8_t *out, size_t out_bytes);

#endif
