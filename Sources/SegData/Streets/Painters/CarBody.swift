/// The outline of a car from the side: `u` runs from the tail (0) to the nose (1), `v` is metres up.
struct CarBody {
  /// From the lower tail over the roof to the lower nose.
  let outline: [SIMD2<Double>]
  /// Edges of the outline that are glass, by the index of their first point.
  let glass: Set<Int>
  /// Side windows.
  let windows: [[SIMD2<Double>]]

  static let all = [saloon, hatchback, hatchback, estate, van]

  static let saloon = CarBody(
    outline: [
      [0, 0.3], [0, 0.72], [0.03, 0.93], [0.19, 0.98], [0.31, 1.38], [0.4, 1.44], [0.57, 1.42],
      [0.74, 0.98], [0.96, 0.82], [1, 0.62], [1, 0.3],
    ], glass: [3, 6],
    windows: [
      [[0.25, 0.98], [0.33, 1.33], [0.45, 1.36], [0.45, 0.97]],
      [[0.47, 0.97], [0.47, 1.36], [0.565, 1.35], [0.7, 0.97]],
    ])

  static let hatchback = CarBody(
    outline: [
      [0, 0.32], [0, 0.85], [0.02, 1], [0.1, 1.42], [0.3, 1.5], [0.55, 1.46], [0.75, 1],
      [0.96, 0.86],
      [1, 0.65], [1, 0.32],
    ], glass: [2, 5],
    windows: [
      [[0.1, 1.03], [0.15, 1.36], [0.38, 1.42], [0.38, 1.02]],
      [[0.4, 1.02], [0.4, 1.42], [0.54, 1.38], [0.7, 1.01]],
    ])

  static let estate = CarBody(
    outline: [
      [0, 0.34], [0, 0.9], [0.02, 1.08], [0.07, 1.55], [0.3, 1.66], [0.58, 1.6], [0.74, 1.12],
      [0.96, 0.98], [1, 0.7], [1, 0.34],
    ], glass: [2, 5],
    windows: [
      [[0.08, 1.14], [0.12, 1.5], [0.36, 1.56], [0.36, 1.12]],
      [[0.38, 1.12], [0.38, 1.56], [0.56, 1.52], [0.69, 1.12]],
    ])

  static let van = CarBody(
    outline: [
      [0, 0.36], [0, 1.15], [0.01, 1.75], [0.03, 2.02], [0.7, 2.02], [0.86, 1.25], [0.98, 1.05],
      [1, 0.7], [1, 0.36],
    ], glass: [1, 4], windows: [[[0.62, 1.2], [0.62, 1.78], [0.71, 1.78], [0.82, 1.2]]])
}
