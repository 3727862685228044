// swift-tools-version: 6.3
import PackageDescription

/// Every Swift target: Swift 6 mode, warnings are errors, imports stay private unless they are part of the API.
let swift: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .treatAllWarnings(as: .error),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
]

/// C targets are optimised in debug builds too, and never contract `a * b + c` behind our back:
/// the same source must give the same bits in every vector variant (docs/design.md, "Determinism").
let c: [CSetting] = [
  .unsafeFlags([
    "-O3", "-fno-math-errno", "-ffp-contract=off", "-Wall", "-Wextra", "-Werror",
  ])
]

func library(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
  .target(name: name, dependencies: dependencies, swiftSettings: swift)
}

func tests(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
  .testTarget(
    name: "\(name)Tests", dependencies: [.byName(name: name), "SegTestSupport"] + dependencies,
    swiftSettings: swift)
}

let package = Package(
  name: "segtrain",
  products: [.executable(name: "segtrain", targets: ["segtrain"])],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0")
  ],
  targets: [
    // System libraries (Debian: libpng-dev, libjpeg62-turbo-dev). OpenBLAS (libopenblas0-pthread) is loaded at
    // start-up instead of linked: see CSegKernels/gemm.c.
    .systemLibrary(name: "CLibPNG", pkgConfig: "libpng", providers: [.apt(["libpng-dev"])]),
    .systemLibrary(
      name: "CLibJPEG", pkgConfig: "libjpeg", providers: [.apt(["libjpeg62-turbo-dev"])]),
    // Comes with libpng, which is built on it.
    .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),

    // C: vector loops with run-time dispatch, and thin shims.
    .target(
      name: "CSegKernels", cSettings: c,
      linkerSettings: [.linkedLibrary("dl"), .linkedLibrary("m")]),
    // zlib comes with libpng, which is built on it.
    .target(
      name: "CSegImage", dependencies: ["CLibPNG", "CLibJPEG"], cSettings: c,
      linkerSettings: [.linkedLibrary("z"), .linkedLibrary("dl")]),

    // Swift, imports only downward.
    library("SegCore", ["CZlib"]),
    library("SegEngine", ["SegCore", "CSegKernels"]),
    library("SegNN", ["SegCore", "SegEngine"]),
    library("SegLosses", ["SegCore", "SegEngine", "CSegKernels"]),
    library("SegOptim", ["SegCore", "SegEngine", "CSegKernels"]),
    library("SegMetrics", ["SegCore", "SegEngine", "CSegKernels"]),
    library("SegData", ["SegCore", "CSegImage", "CSegKernels"]),
    library("SegModels", ["SegCore", "SegEngine", "SegNN"]),
    library(
      "SegTraining",
      [
        "SegCore", "SegEngine", "SegNN", "SegLosses", "SegOptim", "SegMetrics", "SegData",
        "SegModels", "CSegKernels",
      ]),
    .executableTarget(
      name: "segtrain",
      dependencies: [
        "SegCore", "SegEngine", "SegModels", "SegLosses", "SegOptim", "SegMetrics", "SegData",
        "SegTraining",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      swiftSettings: swift),

    // Tests.
    .target(name: "CSegTestSupport", cSettings: c),
    .target(
      name: "SegTestSupport",
      dependencies: ["SegCore", "SegEngine", "CSegKernels", "CSegTestSupport"],
      swiftSettings: swift),
    tests("SegCore", []),
    tests("SegEngine", ["SegCore", "CSegKernels"]),
    tests("SegNN", ["SegCore", "SegEngine"]),
    tests("SegLosses", ["SegCore", "SegEngine"]),
    tests("SegOptim", ["SegCore", "SegEngine"]),
    tests("SegMetrics", ["SegCore", "SegEngine"]),
    tests("SegData", ["SegCore", "CSegImage"]),
    tests("SegModels", ["SegCore", "SegEngine", "SegNN", "SegLosses"]),
    tests(
      "SegTraining",
      [
        "SegCore", "SegData", "SegEngine", "SegLosses", "SegMetrics", "SegModels", "SegNN",
        "SegOptim",
      ]),
    tests("segtrain", ["SegCore", "SegData"]),
  ]
)

// Built by scripts/fuzz/run.sh alone, which sets the variable: it has no main function but libFuzzer's.
if Context.environment["SEGTRAIN_FUZZ"] != nil {
  package.targets.append(
    .executableTarget(
      name: "SegFuzz", dependencies: ["SegCore", "SegTraining"], path: "scripts/fuzz",
      exclude: ["run.sh"], swiftSettings: swift,
      // gold, the default, fails on the fuzzer's library.
      linkerSettings: [.unsafeFlags(["-use-ld=lld"])]))
}
