import SegCore

extension StreetItem {
  /// A shadow on the ground, thrown away from the sun; it darkens and keeps the labels.
  ///
  /// - Parameters:
  ///   - x: Metres right of the camera.
  ///   - halfWidth: Across the street, in metres.
  ///   - halfLength: Along the street, in metres.
  ///   - dappled: Light falls through, as below leaves.
  static func shadow(
    x: Double, z: Double, halfWidth: Double, halfLength: Double, dappled: Bool = false
  ) -> StreetItem {
    StreetItem(layer: .backdrop, depth: 100) { canvas, street in
      let (camera, light) = (street.camera, street.light)
      let shift = light.kind == .overcast ? 0 : light.sunSide * halfWidth * 0.45
      let center = x - shift
      // Under a solid thing it is dark even without sun.
      let keep = 1 - (dappled ? 0.7 * light.shadow : 0.45 + 0.3 * light.shadow)
      let quad = camera.groundQuad(
        x: (center - halfWidth)...(center + halfWidth),
        z: max(z - halfLength, StreetCamera.near)...max(z + halfLength, StreetCamera.near + 0.1))
      canvas.fill(quad, as: nil) { point, under in
        guard let depth = camera.groundDepth(row: point.y) else { return nil }
        let u = ((point.x - camera.vanishing.x) * depth / camera.focal - center) / halfWidth
        let v = (depth - z) / halfLength
        let distance = u * u + v * v
        guard distance < 1 else { return nil }
        if dappled && street.noise.smooth(u * 7, v * 7) < 0.3 { return nil }
        return under * (keep + (1 - keep) * Float(distance * distance))
      }
    }
  }
}
