#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jpeglib.h>

#include <jerror.h>

#include "segimage.h"

// A file of a few kilobytes may ask for millions of passes over its picture; real ones need about
// ten.
enum { MAX_SCANS = 500 };

typedef struct {
  struct jpeg_error_mgr base;  // first: libjpeg hands back a pointer to it
  jmp_buf jump;
  int code;  // of the first warning that means lost pixels
  char *message;
} error_manager;

static void on_error(j_common_ptr c) {
  error_manager *e = (error_manager *)c->err;
  // An error after the end of the bytes follows from it.
  if (e->code == SI_TRUNCATED) longjmp(e->jump, 1);
  char text[JMSG_LENGTH_MAX];
  (*c->err->format_message)(c, text);
  snprintf(e->message, SI_MESSAGE_SIZE, "%s", text);
  int code = c->err->msg_code;
  e->code = code == JERR_INPUT_EMPTY || code == JERR_INPUT_EOF ? SI_TRUNCATED : SI_DAMAGED;
  if (code == JERR_OUT_OF_MEMORY) e->code = SI_OUT_OF_MEMORY;
  longjmp(e->jump, 1);
}

// libjpeg goes on after these with gray or repeated pixels; stray bytes between markers are
// harmless.
static int loses_pixels(int code) {
  return code == JWRN_JPEG_EOF || code == JWRN_HIT_MARKER || code == JWRN_HUFF_BAD_CODE ||
         code == JWRN_ARITH_BAD_CODE || code == JWRN_MUST_RESYNC;
}

static void on_message(j_common_ptr c, int level) {
  error_manager *e = (error_manager *)c->err;
  if (level >= 0 || e->code || !loses_pixels(c->err->msg_code)) return;
  char text[JMSG_LENGTH_MAX];
  (*c->err->format_message)(c, text);
  snprintf(e->message, SI_MESSAGE_SIZE, "%s", text);
  e->code = c->err->msg_code == JWRN_JPEG_EOF ? SI_TRUNCATED : SI_WARNED;
}

static void on_progress(j_common_ptr c) {
  if (c->is_decompressor && ((j_decompress_ptr)c)->input_scan_number > MAX_SCANS) {
    error_manager *e = (error_manager *)c->err;
    snprintf(e->message, SI_MESSAGE_SIZE, "more than %d scans", MAX_SCANS);
    e->code = SI_DAMAGED;
    longjmp(e->jump, 1);
  }
}

static void start(struct jpeg_decompress_struct *c, const uint8_t *bytes, size_t count) {
  jpeg_create_decompress(c);
  jpeg_mem_src(c, bytes, (unsigned long)count);
  jpeg_read_header(c, TRUE);
}

static void prepare(struct jpeg_decompress_struct *c, error_manager *e, char *message) {
  memset(c, 0, sizeof *c);
  memset(e, 0, sizeof *e);
  c->err = jpeg_std_error(&e->base);
  e->base.error_exit = on_error;
  e->base.emit_message = on_message;
  e->message = message;
}

int si_jpeg_read_size(const uint8_t *bytes, size_t count, uint32_t *width, uint32_t *height,
                      char message[SI_MESSAGE_SIZE]) {
  struct jpeg_decompress_struct c;
  error_manager e;
  prepare(&c, &e, message);
  if (setjmp(e.jump)) {
    jpeg_destroy_decompress(&c);
    return e.code;
  }
  start(&c, bytes, count);
  *width = c.image_width;
  *height = c.image_height;
  // A block of 8x8 pixels takes a bit at least, unless it is coded arithmetically: a header that promises more is
  // caught here, before anyone allocates the pixels.
  if (!c.arith_code && (uint64_t)*width * *height / 512 > count && !e.code) {
    snprintf(message, SI_MESSAGE_SIZE, "the header promises more pixels than the file can hold");
    e.code = SI_TRUNCATED;
  }
  jpeg_destroy_decompress(&c);
  return e.code;
}

// a * b / 255, rounded.
static uint8_t multiply_255(uint32_t a, uint32_t b) {
  uint32_t t = a * b + 128;
  return (uint8_t)((t + (t >> 8)) >> 8);
}

int si_jpeg_decode_rgb(const uint8_t *bytes, size_t count, uint8_t *out, size_t out_bytes,
                       char message[SI_MESSAGE_SIZE]) {
  struct jpeg_decompress_struct c;
  struct jpeg_progress_mgr progress = {0};
  error_manager e;
  prepare(&c, &e, message);
  uint8_t *volatile inks = NULL;
  if (setjmp(e.jump)) {
    free(inks);
    jpeg_destroy_decompress(&c);
    return e.code;
  }
  start(&c, bytes, count);
  progress.progress_monitor = on_progress;
  c.progress = &progress;
  int four = c.jpeg_color_space == JCS_CMYK || c.jpeg_color_space == JCS_YCCK;
  c.out_color_space = four ? JCS_CMYK : JCS_RGB;
  jpeg_start_decompress(&c);
  size_t width = c.output_width;
  if (width * c.output_height * 3 != out_bytes) {
    snprintf(message, SI_MESSAGE_SIZE, "internal: buffer size");
    jpeg_destroy_decompress(&c);
    return SI_DAMAGED;
  }
  if (four) {
    inks = malloc(width * 4);
    if (!inks) {
      jpeg_destroy_decompress(&c);
      return SI_OUT_OF_MEMORY;
    }
  }
  while (c.output_scanline < c.output_height) {
    uint8_t *row = out + (size_t)c.output_scanline * width * 3;
    JSAMPROW target = four ? inks : row;
    if (jpeg_read_scanlines(&c, &target, 1) != 1) break;
    // Four-ink files hold 255 - ink (Adobe's convention, which all writers follow).
    for (size_t x = 0; four && x < width; x++) {
      uint32_t black = inks[4 * x + 3];
      for (size_t i = 0; i < 3; i++)
        row[3 * x + i] = (uint8_t)(black - multiply_255(255u - inks[4 * x + i], black));
    }
  }
  jpeg_finish_decompress(&c);
  free(inks);
  jpeg_destroy_decompress(&c);
  return e.code;
}
