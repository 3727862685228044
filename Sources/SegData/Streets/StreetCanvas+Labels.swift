extension StreetCanvas {
  /// The class of every pixel, `[height, width]`.
  ///
  /// A pixel belongs to the object that most of its samples show; the nearer one wins a tie, so that
  /// thin things stay whole. Pixels just outside an object with a border are ignored.
  func labels() -> [UInt8] {
    let owners = pixelObjects()
    var labels = owners.map { classes[Int($0)].rawValue }
    for row in 0..<height {
      for column in 0..<width {
        let at = row * width + column
        let own = owners[at]
        var ignore = false
        func look(_ other: UInt16) {
          ignore =
            ignore
            || (other > own && bordered[Int(other)] && classes[Int(other)] != classes[Int(own)])
        }
        if column > 0 { look(owners[at - 1]) }
        if column < width - 1 { look(owners[at + 1]) }
        if row > 0 { look(owners[at - width]) }
        if row < height - 1 { look(owners[at + width]) }
        if ignore { labels[at] = StreetClass.ignoreIndex }
      }
    }
    return labels
  }

  /// The object of every pixel, `[height, width]`.
  private func pixelObjects() -> [UInt16] {
    var owners = [UInt16](repeating: 0, count: width * height)
    let stride = width * Self.density
    var samples: [UInt16] = []
    for row in 0..<height {
      for column in 0..<width {
        samples.removeAll(keepingCapacity: true)
        for dy in 0..<Self.density {
          for dx in 0..<Self.density {
            samples.append(objects[(row * Self.density + dy) * stride + column * Self.density + dx])
          }
        }
        owners[row * width + column] = Self.mostFrequent(samples)
      }
    }
    return owners
  }

  private static func mostFrequent(_ samples: [UInt16]) -> UInt16 {
    var best: (count: Int, object: UInt16) = (0, 0)
    for candidate in samples {
      var count = 0
      for other in samples where other == candidate { count += 1 }
      if (count, candidate) > best { best = (count, candidate) }
    }
    return best.object
  }
}
