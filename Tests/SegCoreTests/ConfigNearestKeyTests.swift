import SegCore
import Testing

@Suite struct ConfigNearestKeyTests {
  @Test(arguments: [
    ("momentun", "momentum"), ("momenutm", "momentum"), ("momentu", "momentum"),
    ("Learning-Rate", "learning_rate"), ("LR", "lr"), ("lx", "lr"), ("wieghts", "weights"),
    ("zzz", nil), ("", nil), ("x", nil), ("mxmxnxum", nil), ("learning", nil),
  ])
  func nearest(word: String, expected: String?) {
    let known = ["lr", "momentum", "learning_rate", "weights"]
    #expect(NearestKey.find(word, in: known) == expected)
  }

  @Test func distanceIsBoundedForLongWords() {
    let long = String(repeating: "x", count: 1_000_000)
    #expect(NearestKey.find(long, in: ["x", "lr"]) == nil)
  }
}
