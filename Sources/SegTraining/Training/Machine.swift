import Glibc

/// Facts about the machine this process runs on.
public enum Machine {
  /// Cores that are on line.
  public static var cores: Int {
    max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)))
  }
}
