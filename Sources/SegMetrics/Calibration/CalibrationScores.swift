public import SegCore

extension CalibrationHistogram {
  /// The calibration score: 1 − (4/N)·Σ |hit rate − mean probability| over the N = 10 bins.
  ///
  /// Equation 7 of the loss-scheduling paper. An empty bin adds 0 to the sum and stays in N. From 1
  /// (perfect) over 0 (every bin as good as a coin) down to −1. Nil without samples.
  public var calibration: Double? {
    guard total > 0 else { return nil }
    let gaps = (0..<Self.bins).reduce(0.0) { $0 + gap($1) }
    return 1 - 4 / Double(Self.bins) * gaps
  }

  /// The expected calibration error: |hit rate − mean probability|, weighted by each bin's share of
  /// the samples (Naeini, Cooper and Hauskrecht 2015), here over 10 bins. Nil without samples.
  public var expectedCalibrationError: Double? {
    guard total > 0 else { return nil }
    let weighted = (0..<Self.bins).reduce(0.0) { $0 + Double(counts[$1]) * gap($1) }
    return weighted / Double(total)
  }

  /// The class-wise calibration error: the mean over all classes of each one's expected calibration
  /// error (Kull et al. 2019). Nil without samples.
  public static func classwiseError(_ classes: [CalibrationHistogram]) -> Double? {
    let errors = classes.compactMap(\.expectedCalibrationError)
    return errors.isEmpty ? nil : errors.reduce(0, +) / Double(errors.count)
  }

  /// One row a bin, in order, empty bins included.
  public var rows: [ReliabilityRow] {
    (0..<Self.bins).map { bin in
      ReliabilityRow(
        bin: bin, lower: Double(bin) / Double(Self.bins),
        upper: Double(bin + 1) / Double(Self.bins), count: counts[bin],
        meanConfidence: meanProbability(bin), accuracy: hitRate(bin))
    }
  }

  private func gap(_ bin: Int) -> Double {
    guard let rate = hitRate(bin), let mean = meanProbability(bin) else { return 0 }
    return abs(rate - mean)
  }
}

/// One bin of a reliability diagram.
public struct ReliabilityRow: Sendable, Equatable {
  public var bin: Int
  /// Lowest probability of the bin.
  public var lower: Double
  /// First probability above the bin; 1 belongs to the last bin.
  public var upper: Double
  public var count: Int64
  /// Mean probability of the samples; nil where the bin is empty.
  public var meanConfidence: Double?
  /// Share of the samples that came true; nil where the bin is empty.
  public var accuracy: Double?
}

/// What S_rec takes the harmonic mean of calibration with (papers.md 3.8).
public enum RecallScoreRate: String, ConfigChoice {
  /// Mean recall, as the loss-scheduling paper defines it and its Table 1 agrees.
  case recall
  /// Macro F1, as the loss-scheduling repository computes it; undefined wherever that is.
  case f1

  public var help: String {
    switch self {
    case .recall: "calibration with mean recall, as the loss-scheduling paper says"
    case .f1: "calibration with macro F1, as the loss-scheduling repository computes it"
    }
  }
}

/// The harmonic mean of a calibration score and a rate: S_acc with pixel accuracy, S_rec with
/// ``RecallScoreRate``.
///
/// A harmonic mean needs values that are not negative, so a calibration score below 0 gives nil; 0
/// with anything gives 0.
public func harmonicScore(_ calibration: Double?, _ rate: Double?) -> Double? {
  guard let calibration, let rate, calibration >= 0, rate >= 0 else { return nil }
  return calibration + rate > 0 ? 2 * calibration * rate / (calibration + rate) : 0
}
