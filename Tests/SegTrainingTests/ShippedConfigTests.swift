import SegCore
import SegTestSupport
import SegTraining
import Testing

@Suite struct ShippedConfigTests {
  /// Every file of `configs` is a config, and its run is called after it.
  @Test func allAreSound() throws {
    let folder = "\(GoldenFile.packageRoot)/configs"
    let files = try FileSystem.entries(of: folder).filter { $0.hasSuffix(".json") }
    #expect(files.count >= 10)
    for file in files {
      let config = try RunConfig.load(path: "\(folder)/\(file)", overrides: []).config
      #expect("\(config.name).json" == file)
    }
  }

  /// So is every study, with all runs it is made of.
  @Test func studiesAreSound() throws {
    let folder = "\(GoldenFile.packageRoot)/configs/studies"
    let files = try FileSystem.entries(of: folder)
    #expect(files.count >= 5)
    for file in files {
      let study = try Study(path: "\(folder)/\(file)")
      #expect(study.cells.count >= 21, "\(file)")
    }
  }
}
