import SegCore

/// Sky: a gradient with clouds that grow smaller towards the horizon.
enum SkyPainter: StreetPainter {
  static let name = "sky"

  static func place(in street: StreetLayout, _ random: inout CounterRNG) -> [StreetItem] {
    let drift = (random.uniform(0, 64), random.uniform(0, 64))
    let threshold = Float(random.uniform(0.42, 0.6))
    return [
      StreetItem(layer: .backdrop, depth: .infinity) { canvas, street in
        let (camera, light) = (street.camera, street.light)
        let (w, h) = (Double(camera.width), Double(camera.height))
        let sky = canvas.object(.sky)
        canvas.fill([[0, 0], [w, 0], [w, h], [0, h]], as: sky) { point, _ in
          let above = max(camera.vanishing.y - point.y, 0) / h
          let blend = Float(min(above * 1.9, 1))
          var color = light.skyHorizon + (light.skyTop - light.skyHorizon) * blend
          let far = 1 / (above + 0.12)
          let density = street.noise.fractal(
            drift.0 + (point.x - camera.vanishing.x) / w * far * 1.6, drift.1 + far * 1.3)
          let cover = min(max((density - threshold) * 6, 0), 1) * light.cloud
          let white = light.kind == .dusk ? light.skyHorizon * 1.02 : StreetColor(0.95, 0.95, 0.96)
          let gray = light.skyTop * 0.8 + 0.12
          color += (white * (1 - 0.3 * density) + gray * (0.3 * density) - color) * cover
          return color
        }
      }
    ]
  }
}
