/// What is measured of each heap; times in nanoseconds. `BenchmarkTable` reads these names.
enum Metric {
    static let redBlack = "red-black tree", sorted = "sorted array", boehm = "Boehm, 1 marker", boehmTwice = "Boehm, 2 markers"
    static let read = "read", index = "index", engine = "engine, 1 thread", engineTwice = "engine, 2 threads"
    static let engineCold = "engine, 2 threads, new memory", again = "walk again"
    static let words = "words", references = "references", leaks = "leaks", bytes = "bytes"

    static let all = [
        redBlack, sorted, boehm, boehmTwice, read, index, engine, engineTwice, engineCold, again, words, references, leaks, bytes,
    ]
}
