/// Which kmemtop this is.
enum Release {
    static let version = "1.0"
    /// Of the manual page, as mdoc's `.Dd` has it.
    static let date = "November 23, 2026"
}
