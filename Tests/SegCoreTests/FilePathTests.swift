import SegCore
import Testing

@Suite struct FilePathTests {
  @Test(arguments: [
    ("", "a", "a"), ("a", "b", "a/b"), ("a/", "b", "a/b"), ("a", "/b", "/b"), ("/", "a", "/a"),
  ])
  func join(folder: String, name: String, joined: String) {
    #expect(FilePath.join(folder, name) == joined)
  }

  @Test(arguments: [
    ("a/b/c", "a", "b/c"), ("a/b", "a//", "b"), ("a//b", "a/", "b"), ("/a/b", "/", "a/b"),
    ("./a", ".", "a"), ("ab/c", "a", "ab/c"), ("/x/c", "a", "/x/c"), ("a", "a", "a"),
  ])
  func relative(path: String, folder: String, rest: String) {
    #expect(FilePath.relative(path, to: folder) == rest)
  }

  @Test(arguments: [
    ("a", ".", "a"), ("a/b", "a", "b"), ("/a", "/", "a"), ("a/b///", "a", "b"), ("//a", "/", "a"),
    ("/", "/", ""), ("a//b", "a", "b"), ("ü/é.png", "ü", "é.png"),
  ])
  func parts(path: String, parent: String, name: String) {
    #expect(FilePath.parent(of: path) == parent)
    #expect(FilePath.name(of: path) == name)
  }
}
