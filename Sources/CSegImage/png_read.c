#include <png.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

#include "png_plain.h"
#include "segimage.h"

typedef struct {
  const uint8_t *bytes;
  size_t count, position;
  int truncated;
  char *message;
} source;

static void on_error(png_structp png, png_const_charp text) {
  source *s = png_get_error_ptr(png);
  strncpy(s->message, text, SI_MESSAGE_SIZE - 1);
  s->message[SI_MESSAGE_SIZE - 1] = 0;
  png_longjmp(png, 1);
}

static void on_warning(png_structp png, png_const_charp text) {
  (void)png;
  (void)text;
}

static void on_read(png_structp png, png_bytep out, size_t count) {
  source *s = png_get_io_ptr(png);
  if (count > s->count - s->position) {
    s->truncated = 1;
    png_error(png, "the file ends too early");
  }
  memcpy(out, s->bytes + s->position, count);
  s->position += count;
}

static png_structp open_reader(source *s, png_infop *info) {
  png_structp png = png_create_read_struct(PNG_LIBPNG_VER_STRING, s, on_error, on_warning);
  if (!png) return NULL;
  *info = png_create_info_struct(png);
  if (!*info) {
    png_destroy_read_struct(&png, NULL, NULL);
    return NULL;
  }
  png_set_read_fn(png, s, on_read);
  // Size limits are ours (the caller's pixel count), not libpng's million columns.
  png_set_user_limits(png, 0x7fffffff, 0x7fffffff);
  png_set_chunk_malloc_max(png, s->count < 8000000 ? 8000000 : s->count);
  // Nothing but IHDR, PLTE and IDAT matters here; a damaged comment shall not cost a picture.
  png_set_keep_unknown_chunks(png, PNG_HANDLE_CHUNK_NEVER, NULL, -1);
  return png;
}

static int failure(const source *s) { return s->truncated ? SI_TRUNCATED : SI_DAMAGED; }

int si_png_read_info(const uint8_t *bytes, size_t count, si_png_info *out,
                     char message[SI_MESSAGE_SIZE]) {
  source s = {bytes, count, 0, 0, message};
  png_infop info = NULL;
  png_structp png = open_reader(&s, &info);
  if (!png) return SI_OUT_OF_MEMORY;
  if (setjmp(png_jmpbuf(png))) {
    png_destroy_read_struct(&png, &info, NULL);
    return failure(&s);
  }
  png_read_info(png, info);
  memset(out, 0, sizeof *out);
  out->width = png_get_image_width(png, info);
  out->height = png_get_image_height(png, info);
  out->bit_depth = png_get_bit_depth(png, info);
  out->color_type = png_get_color_type(png, info);
  out->channels = png_get_channels(png, info);
  out->interlaced = png_get_interlace_type(png, info) != PNG_INTERLACE_NONE;
  png_colorp palette;
  int entries = 0;
  if (out->color_type == PNG_COLOR_TYPE_PALETTE && png_get_PLTE(png, info, &palette, &entries)) {
    out->palette_count = (uint32_t)entries;
    for (int i = 0; i < entries; i++) {
      out->palette[3 * i] = palette[i].red;
      out->palette[3 * i + 1] = palette[i].green;
      out->palette[3 * i + 2] = palette[i].blue;
    }
  }
  // Deflate packs at most 1032:1, so a header that promises more than that is caught here, before
  // anyone allocates the pixels.
  uint64_t raw = (uint64_t)png_get_rowbytes(png, info) * out->height;
  png_destroy_read_struct(&png, &info, NULL);
  if (raw / 1032 > count) {
    strcpy(message, "the header promises more pixels than the file can hold");
    return SI_TRUNCATED;
  }
  return SI_OK;
}

int si_png_read_samples(const uint8_t *bytes, size_t count, void *out, size_t out_bytes,
                        char message[SI_MESSAGE_SIZE]) {
  if (si_png_read_plain(bytes, count, out, out_bytes)) return SI_OK;
  source s = {bytes, count, 0, 0, message};
  png_infop info = NULL;
  png_structp png = open_reader(&s, &info);
  if (!png) return SI_OUT_OF_MEMORY;
  // volatile: assigned after setjmp, read after longjmp.
  png_bytep *volatile rows = NULL;
  if (setjmp(png_jmpbuf(png))) {
    free((void *)rows);
    png_destroy_read_struct(&png, &info, NULL);
    return failure(&s);
  }
  png_read_info(png, info);
  png_set_packing(png);
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
  if (png_get_bit_depth(png, info) == 16) png_set_swap(png);
#endif
  png_set_interlace_handling(png);
  png_read_update_info(png, info);
  size_t height = png_get_image_height(png, info), row_bytes = png_get_rowbytes(png, info);
  if (height * row_bytes != out_bytes) png_error(png, "internal: buffer size");
  rows = malloc(height * sizeof *rows);
  if (!rows) png_error(png, "out of memory");
  for (size_t y = 0; y < height; y++) rows[y] = (png_bytep)out + y * row_bytes;
  png_read_image(png, (png_bytepp)rows);
  png_read_end(png, NULL);
  free((void *)rows);
  png_destroy_read_struct(&png, &info, NULL);
  return SI_OK;
}
