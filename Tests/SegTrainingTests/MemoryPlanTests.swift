import SegTraining
import Testing

@Suite struct MemoryPlanTests {
  @Test(arguments: [
    (0, "0 MB"), (499_999, "0 MB"), (500_000, "1 MB"), (63_659_520, "64 MB"),
    (999_499_999, "999 MB"), (999_500_000, "1.00 GB"), (1_000_000_000, "1.00 GB"),
    (1_004_999_999, "1.00 GB"), (1_005_000_000, "1.01 GB"), (25_276_510_208, "25.28 GB"),
  ]) func readable(bytes: Int, text: String) { #expect(MemoryPlan.readable(bytes) == text) }
}
