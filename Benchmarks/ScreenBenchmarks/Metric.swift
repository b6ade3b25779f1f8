/// What is measured of the screen, in nanoseconds; of sorting and filtering, each round's slowest. `BenchmarkTable` reads these
/// names.
enum Metric {
    static let frame = "frame 120x40", largeFrame = "frame 200x60", key = "key", seek = "seek", sort = "sort", filter = "filter"
    static let references = "references", why = "why"
    static let all = [frame, largeFrame, key, seek, sort, filter, references, why]
}
