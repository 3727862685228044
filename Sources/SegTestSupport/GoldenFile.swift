import SegCore

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// A JSON file of `Tests/Golden`, written by the scripts in `scripts/golden` (their README lists the keys).
public enum GoldenFile {
  /// The package's root folder, found from this source file.
  public static let packageRoot: String = {
    // Sources/SegTestSupport/GoldenFile.swift
    let parts = #filePath.split(separator: "/").dropLast(3)
    return "/" + parts.joined(separator: "/")
  }()

  /// Decodes `Tests/Golden/<name>.json`.
  ///
  /// - Throws: `Failure` with the file's path when it is missing or does not fit `Content`.
  public static func load<Content: Decodable>(_ name: String, as type: Content.Type = Content.self)
    throws -> Content
  {
    try load(path: "\(packageRoot)/Tests/Golden/\(name).json", as: type)
  }

  /// Decodes any JSON file, e.g. the `full.json` of a full comparison.
  ///
  /// - Throws: `Failure` with the file's path when it is missing or does not fit `Content`.
  public static func load<Content: Decodable>(path: String, as type: Content.Type) throws -> Content
  {
    guard let data = FileManager.default.contents(atPath: path) else {
      throw Failure(
        .inputMissing, path, "no such golden file",
        hint: "write it with the script of that name in scripts/golden")
    }
    do {
      return try JSONDecoder().decode(type, from: data)
    } catch {
      throw Failure(.badData, path, "expected \(type): \(error)")
    }
  }
}

/// Where a golden comes from.
public struct GoldenMetadata: Decodable, Sendable {
  public var script: String
  /// Digest of every script that took part, by path.
  public var sha256: [String: String]
  public var torch: String
  public var torchvision: String
  public var numpy: String
  public var seed: UInt64
}

/// A small tensor, row-major.
public struct GoldenTensor: Decodable, Sendable {
  public var shape: [Int]
  public var values: [Double]
}
