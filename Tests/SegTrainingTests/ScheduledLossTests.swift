import SegEngine
import SegLosses
import SegTraining
import Testing

/// A scheduled sum in its iteration equals the sum with the weights of that iteration, bit for bit.
@Suite struct ScheduledLossTests {
  @Test(arguments: 0..<2) func equalsTheSumOfItsIteration(_ kind: Int) throws {
    let schedules: [any LossSchedule] = [NaiveSchedule(), AlternatingSchedule()]
    let scheduled = LossConfig(
      terms: [
        LossTermConfig(RecallLoss(), weight: 0.7), LossTermConfig(CrossEntropy(), weight: 1.3),
      ], schedule: schedules[kind])
    let training = try SmallTraining(sum: scheduled)
    for iteration in [0, 7] {
      let time = TrainingTime(iteration: iteration, of: 10)
      var fixed = scheduled
      fixed.schedule = nil
      for index in fixed.terms.indices {
        fixed.terms[index].weight = scheduled.weight(of: index, at: time)
      }
      let reference = try SmallTraining(sum: fixed)
      // Statistics and weights stay as they are, so the same training serves both iterations.
      training.run(0, at: time)
      reference.run(0)
      for parameter in training.store.parameters {
        let range = training.store.range(of: parameter)
        #expect(
          training.store.flatGradients[range].elementsEqual(
            reference.store.flatGradients[range], by: { $0.bitPattern == $1.bitPattern }),
          "\(parameter.name) in iteration \(iteration)")
      }
      #expect(
        training.executor.contents(of: training.training.loss)[0].bitPattern
          == reference.executor.contents(of: reference.training.loss)[0].bitPattern)
    }
  }
}
