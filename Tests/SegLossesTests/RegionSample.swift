import SegEngine

/// Sums over pixels that definitions of overlap losses are written with.
extension LossSample {
  /// Valid pixels of each image.
  var perImage: [[Int]] {
    let count = pixels / images
    return (0..<images).map { image in
      (image * count..<(image + 1) * count).filter(isValid)
    }
  }

  /// By class; pixels that are not valid are of none.
  func sums(_ pixels: [Int]) -> [ClassSums] {
    var sums = [ClassSums](repeating: ClassSums(), count: classes)
    for pixel in pixels {
      for (index, p) in probabilities(pixel).enumerated() {
        sums[index].probability += p
        sums[index].square += p * p
        if isValid(pixel) && Int(labels[pixel]) == index {
          sums[index].overlap += p
          sums[index].truth += 1
        }
      }
    }
    return sums
  }
}
