import CSegKernels
import SegCore

/// What a convolution does to its input while reading it and to its output while writing it.
///
/// Rewrites put these in place of operations around a convolution; the order of the inputs they need is the order
/// below, after input, weight and bias.
public struct ConvolutionFusion: Sendable, Equatable {
  /// The input is `max(0, batch norm(x))`, computed while it is read and never stored. Further inputs: mean, inverse
  /// standard deviation, gamma, beta of `x`. `usesBatchStatistics`: as in `BatchNormApply`.
  public var activatesInput = false
  public var usesBatchStatistics = true
  /// Further outputs: mean, variance and inverse standard deviation of the output, with this epsilon.
  public var statisticsEpsilon: Double?
  /// A further input, shaped as the output, is added to it.
  public var addsResidual = false
  /// Negative outputs become 0.
  public var rectifies = false

  public init() {}

  package var isPlain: Bool { self == ConvolutionFusion() }

  static let activationInputs = ["mean", "inverse std", "gamma", "beta"]
}

extension KernelCall {
  /// Normalisation and rectification of `input` by inputs `first`...: mean, inverse std, gamma, beta. The scale
  /// gamma · inverse std goes to `scratch`.
  func activation(_ first: Int, scratch: UnsafeMutablePointer<Float>) -> sk_activation {
    let (inverseStd, gamma) = (input(first + 1), input(first + 2))
    for channel in 0..<inputs[first].shape.count {
      scratch[channel] = inverseStd[channel] * gamma[channel]
    }
    return sk_activation(mean: input(first), scale: UnsafePointer(scratch), shift: input(first + 3))
  }
}

/// Scratch memory of a fused convolution: that of its kernel, then channel scales, then sums.
struct ConvolutionScratch {
  let kernelBytes: Int
  let scaleBytes: Int
  let sumBytes: Int

  init(kernelBytes: Int, scaleChannels: Int, sumTasks: Int, sumChannels: Int) {
    self.kernelBytes = Layout.rounded(kernelBytes)
    scaleBytes = Layout.rounded(scaleChannels * MemoryLayout<Float>.size)
    sumBytes = 2 * sumTasks * sumChannels * MemoryLayout<Double>.size
  }

  var byteCount: Int { kernelBytes + scaleBytes + sumBytes }

  func scales(_ workspace: UnsafeMutableRawPointer) -> UnsafeMutablePointer<Float> {
    (workspace + kernelBytes).assumingMemoryBound(to: Float.self)
  }

  func sums(_ workspace: UnsafeMutableRawPointer) -> UnsafeMutablePointer<Double> {
    (workspace + kernelBytes + scaleBytes).assumingMemoryBound(to: Double.self)
  }
}
