import Foundation
import SegCore
import SegData

/// Picture files the encoder of the program does not write, and damaged ones.
enum Pictures {
  /// 48x32, four inks (Adobe), one colour.
  static let fourInks = base64(
    """
    /9j/7gAOQWRvYmUAZAAAAAAA/9sAQwAUDg8SDw0UEhASFxUUGB4yIR4cHB49LC4kMklATEtHQEZFUFpzYlBVbVZFRmSIZW13e4GCgU5g\
    jZeMfZZzfoF8/8AAFAgAIAAwBEMRAE0RAFkRAEsRAP/EABYAAQEBAAAAAAAAAAAAAAAAAAAGBf/EABQQAQAAAAAAAAAAAAAAAAAAAAD/\
    2gAOBEMATQBZAEsAAD8Ar2Ep1GAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAD//Z
    """)

  /// 48x32, RGB, one colour.
  static let jpeg = base64(
    """
    /9j/4AAQSkZJRgABAQAAAQABAAD/2wBDABQODxIPDRQSEBIXFRQYHjIhHhwcHj0sLiQySUBMS0dARkVQWnNiUFVtVkVGZIhlbXd7gYKB\
    TmCNl4x9lnN+gXz/2wBDARUXFx4aHjshITt8U0ZTfHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8\
    fHz/wAARCAAgADADASIAAhEBAxEB/8QAFQABAQAAAAAAAAAAAAAAAAAAAAP/xAAUEAEAAAAAAAAAAAAAAAAAAAAA/8QAFgEBAQEAAAAA\
    AAAAAAAAAAAAAAME/8QAFBEBAAAAAAAAAAAAAAAAAAAAAP/aAAwDAQACEQMRAD8AiA0IgAAAAAAAAAP/2Q==
    """)

  /// 48x32, gray PNG of 16 bits, every pixel 7.
  static let deepGray = base64(
    """
    iVBORw0KGgoAAAANSUhEUgAAADAAAAAgEAAAAAAhL3iDAAAAKUlEQVR4nO3NMQEAAAjDMODBv2NMsC8V0HRtRZvsHgAAAAAAAAAAAPx1\
    5QEAR3pa2H4AAAAASUVORK5CYII=
    """)

  private static func base64(_ text: String) -> [UInt8] {
    Data(base64Encoded: text).map { Array($0) } ?? []
  }

  /// A gray label whose pixels are `value`, 48x32 unless told.
  static func label(
    _ value: UInt8, height: Int = 32, width: Int = 48,
    changing: [(x: Int, y: Int, value: UInt8)] = []
  ) throws -> [UInt8] {
    var map = LabelMap(
      height: height, width: width, pixels: [UInt8](repeating: value, count: height * width))
    for pixel in changing { map.pixels[pixel.y * width + pixel.x] = pixel.value }
    return try PNGEncoder.encode(map)
  }
}
