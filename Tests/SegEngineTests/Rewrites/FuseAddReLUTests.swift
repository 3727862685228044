import SegCore
import SegEngine
import Testing

@Suite struct FuseAddReLUTests {
  @Test func sameBits() throws {
    let shape: Shape = [2, 31, 37, 17]
    let inputs = [1, 2].map { (shape, OpRun.floats(shape.count, seed: $0)) }
    func run(fuses: Bool) throws -> OpRun {
      try OpRun(inputs, seed: OpRun.floats(shape.count, seed: 3), threads: 2) { graph, inputs in
        let sum = try graph.emit(Add(), inputs, path: "sum")
        let y = try graph.emit(ReLU(), sum, path: "relu")
        if fuses {
          #expect(graph.rewrite([FuseAddReLU()], keeping: y) == ["fuse_add_relu": 1])
        }
        return y
      }
    }
    #expect(try run(fuses: true).bits == run(fuses: false).bits)
  }
}
