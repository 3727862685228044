import SegData
import Testing

/// Made with Pillow 13.0.0 and NumPy by
///
/// ```python
/// import numpy as np
/// from PIL import Image, ImageEnhance
/// def picture(h, w, c):
///     s, out = 12345, []
///     for _ in range(h * w * c):
///         s = (s * 1103515245 + 12345) % 2**31
///         out.append((s >> 16) & 255)
///     a = np.array(out, dtype=np.uint8).reshape(h, w, c)
///     return Image.fromarray(a if c == 3 else a[:, :, 0])
/// picture(h, w, c).resize((out_w, out_h), Image.BILINEAR)
/// ImageEnhance.Brightness(picture(3, 4, 3)).enhance(0.6)  # Contrast, Color likewise
/// ```
enum PillowGoldens {
  struct Resize: Sendable, CustomTestStringConvertible {
    var height, width, channels, outHeight, outWidth: Int
    var pixels: [UInt8]
    var testDescription: String { "\(height)x\(width)x\(channels) to \(outHeight)x\(outWidth)" }
  }

  struct Jitter: Sendable, CustomTestStringConvertible {
    var brightness = 1.0
    var contrast = 1.0
    var saturation = 1.0
    var pixels: [UInt8]
    var testDescription: String { "\(brightness), \(contrast), \(saturation)" }
  }

  static let resize: [Resize] = [
    Resize(
      height: 5, width: 7, channels: 3, outHeight: 3, outWidth: 4,
      pixels: [
        123, 52, 131, 112, 73, 119, 108, 99, 105, 188, 58, 160, 111, 172, 86, 107, 112, 115, 148,
        63, 169, 108, 127, 138, 159, 141, 131, 138, 69, 151, 104, 131, 177, 164, 167, 151,
      ]),
    Resize(
      height: 5, width: 7, channels: 3, outHeight: 8, outWidth: 11,
      pixels: [
        220, 4, 101, 197, 16, 134, 157, 36, 177, 67, 74, 206, 102, 120, 149, 229, 172, 27, 102,
        123, 22, 52, 102, 43, 105, 119, 100, 189, 64, 188, 253, 16, 255, 135, 79, 99, 123, 51,
        133, 107, 23, 168, 99, 51, 137, 114, 87, 104, 148, 127, 68, 96, 96, 99, 92, 87, 122, 152,
        107, 135, 194, 57, 162, 222, 13, 182, 37, 179, 94, 33, 105, 127, 42, 18, 152, 137, 32,
        56, 131, 49, 51, 49, 68, 114, 97, 59, 193, 148, 65, 221, 207, 89, 182, 193, 55, 128, 175,
        23, 87, 152, 218, 69, 92, 183, 85, 33, 140, 107, 121, 135, 131, 140, 103, 108, 108, 50,
        49, 174, 32, 146, 191, 33, 202, 144, 58, 207, 116, 123, 129, 98, 174, 64, 223, 187, 85,
        132, 194, 71, 34, 198, 65, 109, 161, 157, 125, 113, 146, 95, 58, 59, 165, 59, 147, 177,
        67, 204, 111, 83, 217, 76, 155, 138, 55, 212, 71, 250, 85, 142, 154, 139, 84, 47, 191,
        28, 102, 110, 135, 84, 80, 166, 10, 91, 142, 70, 140, 198, 106, 167, 226, 108, 165, 214,
        74, 150, 154, 46, 137, 106, 170, 131, 191, 159, 147, 126, 146, 152, 61, 143, 68, 165,
        134, 46, 175, 119, 72, 118, 85, 110, 180, 97, 154, 200, 169, 206, 166, 168, 169, 148,
        158, 132, 138, 105, 175, 224, 162, 157, 157, 223, 123, 90, 176, 40, 189, 176, 22, 181,
        210, 54, 93, 104, 81, 162, 96, 136, 179, 217, 231, 128, 241, 184, 142, 246, 134, 160,
      ]),
    Resize(
      height: 4, width: 9, channels: 1, outHeight: 4, outWidth: 3,
      pixels: [
        103, 101, 117, 132, 58, 103, 136, 117, 64, 62, 73, 126,
      ]),
    Resize(
      height: 6, width: 5, channels: 1, outHeight: 13, outWidth: 5,
      pixels: [
        220, 4, 101, 170, 31, 211, 9, 99, 179, 69, 189, 20, 94, 201, 160, 173, 29, 83, 204, 205,
        172, 28, 55, 147, 108, 170, 31, 33, 101, 19, 142, 74, 69, 174, 18, 114, 117, 105, 247,
        16, 172, 80, 136, 187, 21, 239, 36, 167, 114, 28, 168, 76, 177, 73, 20, 52, 144, 179, 42,
        7, 4, 172, 180, 29, 2,
      ]),
    Resize(
      height: 9, width: 8, channels: 3, outHeight: 2, outWidth: 2,
      pixels: [
        136, 101, 139, 150, 119, 120, 131, 135, 136, 137, 135, 121,
      ]),
  ]

  /// Of `picture(3, 4, 3)`.
  static let jitter: [Jitter] = [
    Jitter(
      brightness: 0.6,
      pixels: [
        132, 2, 60, 102, 18, 103, 17, 54, 130, 137, 103, 16, 18, 57, 11, 67, 72, 64, 151, 9, 153,
        15, 105, 57, 17, 2, 103, 108, 17, 1, 25, 42, 72, 69, 34, 145,
      ]),
    Jitter(
      brightness: 1.7,
      pixels: [
        255, 6, 171, 255, 52, 255, 49, 153, 255, 255, 255, 45, 51, 161, 32, 190, 205, 183, 255,
        27, 255, 42, 255, 163, 49, 6, 255, 255, 49, 3, 73, 119, 204, 195, 98, 255,
      ]),
    Jitter(
      contrast: 0.6,
      pixels: [
        169, 39, 97, 139, 55, 141, 54, 91, 168, 174, 140, 53, 55, 94, 48, 104, 109, 102, 189, 46,
        190, 52, 142, 94, 54, 39, 140, 145, 54, 38, 63, 79, 109, 106, 72, 182,
      ]),
    Jitter(
      contrast: 1.7,
      pixels: [
        255, 0, 106, 223, 0, 229, 0, 87, 255, 255, 227, 0, 0, 96, 0, 125, 140, 118, 255, 0, 255,
        0, 232, 98, 0, 0, 227, 240, 0, 0, 8, 53, 138, 130, 33, 255,
      ]),
    Jitter(
      saturation: 0.6,
      pixels: [
        164, 34, 92, 137, 54, 139, 51, 88, 165, 206, 172, 85, 44, 83, 38, 114, 119, 111, 197, 55,
        198, 63, 153, 106, 29, 14, 115, 136, 45, 29, 53, 69, 99, 107, 73, 183,
      ]),
    Jitter(
      saturation: 1.7,
      pixels: [
        255, 0, 115, 226, 0, 231, 0, 92, 255, 255, 171, 0, 4, 114, 0, 108, 123, 101, 255, 0, 255,
        0, 212, 78, 27, 0, 255, 255, 0, 0, 25, 71, 156, 128, 31, 255,
      ]),
    Jitter(
      brightness: 1.2, contrast: 0.7, saturation: 1.5,
      pixels: [
        255, 4, 127, 209, 33, 212, 32, 110, 255, 229, 178, 0, 41, 124, 26, 124, 134, 118, 255,
        11, 255, 12, 201, 101, 55, 24, 235, 229, 38, 4, 57, 92, 155, 139, 65, 255,
      ]),
  ]

  static func picture(_ height: Int, _ width: Int, _ channels: Int) -> Raster {
    var state: UInt64 = 12345
    let pixels = (0..<height * width * channels).map { _ in
      state = (state &* 1_103_515_245 &+ 12345) % (1 << 31)
      return UInt8((state >> 16) & 255)
    }
    return Raster(height: height, width: width, channels: channels, pixels: pixels)
  }
}
