import Glibc
import Synchronization

/// SIGINT and SIGTERM as a wish: the step under way is finished and saved. A second one ends the program.
public enum StopSignal {
  private static let received = Atomic<Int32>(0)

  /// Starts to listen. Call it once, before the first step.
  public static func install() {
    received.store(0, ordering: .relaxed)
    for number in [SIGINT, SIGTERM] {
      var action = sigaction()
      action.__sigaction_handler.sa_handler = { number in
        if StopSignal.received.exchange(number, ordering: .relaxed) != 0 { _exit(130) }
      }
      sigaction(number, &action, nil)
    }
  }

  /// Name of the signal that asked to stop, if one did.
  public static var request: String? {
    switch received.load(ordering: .relaxed) {
    case 0: nil
    case SIGINT: "SIGINT"
    default: "SIGTERM"
    }
  }
}
