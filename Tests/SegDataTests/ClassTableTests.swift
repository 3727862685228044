import SegData
import Testing

@Suite struct ClassTableTests {
  @Test func everyTableIsSound() {
    for table in classTables {
      let all = table.classes.indices
      #expect(Set(table.classes.map(\.name)).count == all.count, "\(table.name)")
      #expect(table.resultValues.isEmpty || table.resultValues.count == all.count, "\(table.name)")
      let grouped = table.categories.flatMap(\.classes)
      #expect(grouped.isEmpty || grouped.sorted() == Array(all), "\(table.name)")
      #expect(table.instanceClasses.allSatisfy(all.contains), "\(table.name)")
      #expect(Set(table.labelMap.map(\.stored)).count == table.labelMap.count, "\(table.name)")
    }
    #expect(Set(classTables.map(\.name)).count == classTables.count)
  }

  @Test func nineteenClassesOfCityscapes() throws {
    let table = ClassTable.cityscapes19
    #expect(
      table.resultValues == [
        7, 8, 11, 12, 13, 17, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 31, 32, 33,
      ])
    #expect(
      table.categories.map(\.name)
        == ["flat", "construction", "object", "nature", "sky", "human", "vehicle"])
    #expect(table.categories[6].classes == [13, 14, 15, 16, 17, 18])
    #expect(table.instanceClasses == Array(11...18))
    let labels = try LabelTable(classCount: 19, ignoreIndex: 255, table: table.labelMap)
    #expect(labels.mapped[0...7] == [255, 255, 255, 255, 255, 255, 255, 0])
    #expect(labels.mapped[33] == 18 && labels.mapped[29] == 255)
  }

  @Test func thirtyAndThirtyFour() throws {
    let thirty = try LabelTable(
      classCount: 30, ignoreIndex: 255, table: ClassTable.cityscapes30.labelMap)
    #expect(thirty.mapped[3...5] == [255, 0, 1] && thirty.mapped[33] == 29)
    let raw = try LabelTable(
      classCount: 34, ignoreIndex: 255, table: ClassTable.cityscapes34.labelMap)
    #expect(raw.mapped[0...33] == Array(0...33)[...])
    #expect(ClassTable.cityscapes34.categories[0].name == "void")
  }

  @Test func fewerClassesForSynthia() {
    let thirteen = ClassTable.synthiaRand13.classes.map(\.name)
    #expect(
      thirteen == [
        "road", "sidewalk", "building", "traffic light", "traffic sign", "vegetation", "sky",
        "person", "rider", "car", "bus", "motorcycle", "bicycle",
      ])
    #expect(thirteen == ClassTable.cityscapes13.classes.map(\.name))
    #expect(ClassTable.synthiaRand16.classes == ClassTable.cityscapes16.classes)
    #expect(ClassTable.synthiaRand16.classes.count == 16)
  }

  static let official: [(file: String, table: ClassTable, name: Int, color: Int)] = [
    ("cityscapes", .cityscapes34, 0, 7), ("voc2012", .voc21, 1, 2),
    ("synthia_rand_cityscapes", .synthiaRand23, 0, 1),
    ("synthia_rand_cvpr16", .synthiaCVPR12, 0, 1),
  ]

  @Test(.enabled(if: SharedData.has("class_tables"), "no ../shared/data"), arguments: official)
  func namesAndColoursAreTheOfficialOnes(
    _ test: (file: String, table: ClassTable, name: Int, color: Int)
  ) throws {
    let rows = try SharedData.table("class_tables/\(test.file).tsv").dropFirst()
      .prefix(test.table.classes.count)
    #expect(rows.count == test.table.classes.count)
    for (row, info) in zip(rows, test.table.classes) {
      let color = [info.color.red, info.color.green, info.color.blue].map(String.init)
      #expect([row[test.name]] + row[test.color..<test.color + 3] == [info.name] + color)
    }
  }

  @Test(.enabled(if: SharedData.has("class_tables"), "no ../shared/data"))
  func mappingsAreTheOfficialOnes() throws {
    let cityscapes = try SharedData.table("class_tables/cityscapes.tsv").dropFirst()
    let nineteen = try LabelTable(
      classCount: 19, ignoreIndex: 255, table: ClassTable.cityscapes19.labelMap)
    var groups: [String: [Int]] = [:]
    for row in cityscapes where row[1] != "-1" {
      let (id, train) = (try #require(Int(row[1])), try #require(Int(row[2])))
      #expect(Int(nineteen.mapped[id]) == train, "\(row[0])")
      #expect(ClassTable.cityscapes34.instanceClasses.contains(id) == (row[5] == "True"))
      groups[row[3], default: []].append(id)
    }
    #expect(
      Dictionary(
        uniqueKeysWithValues: ClassTable.cityscapes34.categories.map { ($0.name, $0.classes) })
        == groups)
    let rand = try LabelTable(
      classCount: 19, ignoreIndex: 255, table: ClassTable.synthiaRand19.labelMap)
    for row in try SharedData.table("class_tables/synthia_rand_cityscapes.tsv").dropFirst() {
      #expect(String(rand.mapped[try #require(Int(row[4]))]) == row[5], "\(row[0])")
    }
    for row in try SharedData.table("class_tables/synthia_seqs.tsv").dropFirst()
    where row[0] != "Reserved" {
      let info = ClassTable.synthiaSeqs16.classes[try #require(Int(row[4]))]
      #expect(
        [info.color.red, info.color.green, info.color.blue].map(String.init) == Array(row[1...3]))
      #expect(info.name == row[0].lowercased().replacing("_", with: " "))
    }
  }
}
