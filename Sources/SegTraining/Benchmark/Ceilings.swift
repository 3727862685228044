import CSegKernels
import SegCore
import SegEngine

/// What the machine does at best on a pool's threads, in GFLOP/s: the measure for its kernels' speed.
struct Ceilings: Sendable {
  /// Multiply-adds in registers.
  var multiplyAdd: Double
  /// Products of matrices that stay in the cache, through the BLAS.
  var gemm: Double
  /// Rows, columns and summed terms of the fastest of these products.
  var gemmShape: [Int]

  /// Small, of a convolution's tile, and square; libraries differ in what they are best at.
  private static let shapes = [[48, 128, 128], [256, 128, 1152], [256, 256, 256]]
  private static let repetitions = 40
  private static let seconds = 0.004

  /// Measures for about a second. The best of many short runs counts: other processes only ever slow down, and leave the
  /// machine alone for that long now and then.
  init(_ pool: ThreadPool) {
    var sink = [Float](repeating: 0, count: 16)
    multiplyAdd = Self.best { sk_peak_fma(pool.handle, $0, &sink) }
    (gemm, gemmShape) = (0, [])
    for shape in Self.shapes {
      let (rows, columns, terms) = (shape[0], shape[1], shape[2])
      let count = sk_peak_gemm_floats(rows, columns, terms, Int32(pool.threads))
      var matrices = [Float](repeating: 0.5, count: count)
      let found = Self.best { sk_peak_gemm(pool.handle, $0, rows, columns, terms, &matrices) }
      if found > gemm { (gemm, gemmShape) = (found, shape) }
    }
  }

  /// - Parameter work: does so many rounds and returns the operations done.
  private static func best(_ work: (_ rounds: Int) -> Double) -> Double {
    // The first call also finds out how many rounds fill the time.
    var rounds = 16
    var rate = 0.0
    for _ in 0...repetitions {
      let start = Pace.now()
      let done = work(rounds)
      let elapsed = max(Pace.now() - start, 1e-6)
      rate = max(rate, done / elapsed / 1e9)
      rounds = max(16, Int(Double(rounds) * seconds / elapsed))
    }
    return rate
  }

  var json: JSONValue {
    .fields([
      "fma_gflops": .number(multiplyAdd), "gemm_gflops": .number(gemm),
      "gemm_shape": .array(gemmShape.map { .integer($0) }),
    ])
  }
}
