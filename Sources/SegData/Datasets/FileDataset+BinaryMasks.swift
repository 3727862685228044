internal import SegCore

extension FileDataset {
  /// Finds data sets of 0/255 masks whose foreground is thrown away because 255 is ignored, the
  /// commonest silent mistake with one's own data.
  ///
  /// Reads labels only until one shows anything but 0 and 255, which is the first for other data;
  /// files that cannot be read are passed over.
  ///
  /// - Throws: `Failure` `.badData` with the line to add to the config.
  public func checkBinaryMasks() throws {
    guard classes.count >= 2 else { return }
    var counts = [Int](repeating: 0, count: 256)
    for index in 0..<count {
      guard let label = try? storedLabel(at: index) else { continue }
      for value in label.pixels { counts[Int(value)] += 1 }
      guard counts[1..<255].allSatisfy({ $0 == 0 }) else { return }
    }
    let folder = count > 0 ? Folder.split(labelPath(at: 0)).parent : "data"
    if let failure = labelTable.binaryMaskFailure(counts, place: folder) { throw failure }
  }
}
