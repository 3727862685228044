import CSegKernels
import SegEngine
import Testing

/// The loops that measure the machine do the work they claim, in every vector variant.
@Suite struct PeakTests {
  @Test(arguments: VectorVariant.supported) func chainsEndWhereTheyShould(
    _ variant: VectorVariant
  ) {
    let pool = ThreadPool(threads: 2, variant: variant)
    var sink = [Float](repeating: 0, count: 16)
    let operations = sk_peak_fma(pool.handle, 3, &sink)
    // Every chain x = 0.75 x + 0.25 tends to 1, and the sink holds the sum of all chains.
    let chains = sink[0]
    #expect(chains > 2.99 && sink.allSatisfy { $0 == chains })
    #expect(operations == 2 * 16 * 65536 * 3 * Double(chains.rounded()))
  }

  @Test(arguments: [Int32(0), 1]) func productsOfEachThread(own: Int32) {
    let pool = ThreadPool(threads: 2)
    let (rows, columns, terms) = (8, 32, 32)
    let one = rows * terms + terms * columns + rows * columns
    let count = sk_peak_gemm_floats(rows, columns, terms, 2)
    #expect(count == 2 * one)
    var matrices = [Float](repeating: 0.5, count: count)
    let operations = sk_peak_gemm(
      pool.handle, 200, own, rows, columns, terms, &matrices)
    #expect(operations == 200 * 2 * Double(rows * columns * terms))
    let products = matrices.suffix(rows * columns) + matrices[(one - rows * columns)..<one]
    #expect(products.allSatisfy { $0 == 8 || $0 == 0.5 } && products.contains(8))
  }
}
