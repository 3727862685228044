import SegCore
import SegTestSupport

/// A convolution by its sizes, and the same written naively in Double.
struct ConvolutionSizes: Sendable {
  var n = 2
  var h = 7
  var w = 9
  var c = 3
  var k = 4
  var r = 3
  var s = 3
  var stride = 1
  var padding = 1
  var dilation = 1
  var bias = false

  /// 3x3 with stride 1 and a border that keeps the size: what Winograd computes.
  static func square(
    _ h: Int, _ w: Int, c: Int = 16, k: Int = 32, n: Int = 2, dilation: Int = 1, bias: Bool = false
  ) -> ConvolutionSizes {
    ConvolutionSizes(
      n: n, h: h, w: w, c: c, k: k, padding: dilation, dilation: dilation, bias: bias)
  }

  var p: Int { (h + 2 * padding - dilation * (r - 1) - 1) / stride + 1 }
  var q: Int { (w + 2 * padding - dilation * (s - 1) - 1) / stride + 1 }
  var input: Shape { [n, h, w, c] }
  var weight: Shape { [r, s, c, k] }
  var output: Shape { [n, p, q, k] }
  /// Terms of one output, and of one element of any gradient at most.
  var terms: Int { r * s * c }
  var gradientTerms: Int { max(n * p * q, r * s * k) }

  var description: String {
    "\(n)x\(h)x\(w), \(c) to \(k), \(r)x\(s), stride \(stride), padding \(padding), dilation \(dilation)\(bias ? ", bias" : "")"
  }

  /// Calls `body` with every pair of an output pixel and an input pixel it reads, and the tap between them; all
  /// counted from 0.
  private func forEachTap(_ body: (_ output: Int, _ input: Int, _ tap: Int) -> Void) {
    for image in 0..<n {
      for i in 0..<p {
        for j in 0..<q {
          let output = (image * p + i) * q + j
          for row in 0..<r {
            let y = i * stride - padding + row * dilation
            guard y >= 0, y < h else { continue }
            for column in 0..<s {
              let x = j * stride - padding + column * dilation
              guard x >= 0, x < w else { continue }
              body(output, (image * h + y) * w + x, row * s + column)
            }
          }
        }
      }
    }
  }

  func forward(_ x: Reference, _ weight: Reference, bias: Reference? = nil) -> Reference {
    var y = Reference(zeros: output)
    if let bias { for index in y.values.indices { y.values[index] = bias.values[index % k] } }
    y.values.withUnsafeMutableBufferPointer { y in
      x.values.withUnsafeBufferPointer { x in
        weight.values.withUnsafeBufferPointer { weight in
          forEachTap { output, input, tap in
            for channel in 0..<c {
              let value = x[input * c + channel]
              let row = (tap * c + channel) * k
              for k in 0..<k { y[output * self.k + k] += value * weight[row + k] }
            }
          }
        }
      }
    }
    return y
  }

  func inputGradient(_ dy: Reference, _ weight: Reference) -> Reference {
    var dx = Reference(zeros: input)
    dx.values.withUnsafeMutableBufferPointer { dx in
      dy.values.withUnsafeBufferPointer { dy in
        weight.values.withUnsafeBufferPointer { weight in
          forEachTap { output, input, tap in
            for channel in 0..<c {
              let row = (tap * c + channel) * k
              var sum = 0.0
              for k in 0..<k { sum += dy[output * self.k + k] * weight[row + k] }
              dx[input * c + channel] += sum
            }
          }
        }
      }
    }
    return dx
  }

  func weightGradient(_ x: Reference, _ dy: Reference) -> Reference {
    var dw = Reference(zeros: weight)
    dw.values.withUnsafeMutableBufferPointer { dw in
      x.values.withUnsafeBufferPointer { x in
        dy.values.withUnsafeBufferPointer { dy in
          forEachTap { output, input, tap in
            for channel in 0..<c {
              let value = x[input * c + channel]
              let row = (tap * c + channel) * k
              for k in 0..<k { dw[row + k] += value * dy[output * self.k + k] }
            }
          }
        }
      }
    }
    return dw
  }

  func biasGradient(_ dy: Reference) -> Reference {
    var sums = Reference(zeros: [k])
    for (index, value) in dy.values.enumerated() { sums.values[index % k] += value }
    return sums
  }
}
