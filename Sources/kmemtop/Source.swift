import HeapModel
import Inspector
import Scanner
import SystemPackage

/// What a SOURCE argument turned out to be, told by looking at it, and loaded.
struct Source {
    /// Opened when no source is given.
    static let standardName = "hub-probe"

    /// As the person gave it; a file's path in full.
    let argument: String
    let name: String
    let machine: Machine

    /// - Throws: `SourceError`, one sentence for the person who gave the argument.
    init(_ argument: String) throws(SourceError) {
        if Scenario.builtInNames.contains(argument) {
            try self.init(Self.scenario(named: argument), name: argument, argument: argument)
        } else {
            try self.init(file: argument)
        }
    }

    /// A built-in scenario.
    static func scenario(named name: String) throws(SourceError) -> Scenario {
        do { return try Scenario(builtIn: name) } catch { throw .scenario(error) }
    }

    /// A built-in scenario, or the one in a file.
    static func scenario(at argument: String) throws(SourceError) -> Scenario {
        if Scenario.builtInNames.contains(argument) { return try scenario(named: argument) }
        let file = try map(argument)
        if let kind = ForeignFile(file.bytes.prefix(512)) { throw .wrongKind(argument, found: kind.rawValue) }
        return try scenario(in: file, argument)
    }

    private static func scenario(in file: MappedFile, _ path: String) throws(SourceError) -> Scenario {
        do { return try Scenario(yaml: Array(file.bytes), file: path) } catch { throw .scenario(error) }
    }

    private init(_ scenario: Scenario, name: String, argument: String) throws(SourceError) {
        do {
            self.argument = argument
            self.name = name
            machine = try Machine(scenario)
        } catch {
            throw .scenario(error)
        }
        try checkSize()
    }

    private static func map(_ path: String) throws(SourceError) -> MappedFile {
        let file: MappedFile
        do {
            file = try MappedFile(FilePath(path))
        } catch Errno.noSuchFileOrDirectory where !path.contains("/") && !path.contains(".") {
            throw .unknown(path, nearest: Scenario.nearestNames(to: path))
        } catch {
            throw .unreadable(path, error)
        }
        guard !file.bytes.isEmpty else { throw .empty(path) }
        return file
    }

    private init(file path: String) throws(SourceError) {
        let file = try Self.map(path)
        if Capture.looksLike(file) {
            try self.init(capture: path)
        } else if let kind = ForeignFile(file.bytes.prefix(512)) {
            throw .wrongKind(path, found: kind.rawValue)
        } else {
            let scenario = try Self.scenario(in: file, path)
            try self.init(scenario, name: scenario.name, argument: FilePath(path).resolved.string)
        }
    }

    private init(capture path: String) throws(SourceError) {
        do {
            let capture = try Capture(FilePath(path))
            var heap = capture.heap
            // A capture is looked at whether its kmemleak was on or off.
            heap.isEnabled = true
            argument = FilePath(path).resolved.string
            name = FilePath(path).lastComponent?.string ?? path
            machine = Machine(Kmemleak(heap, index: capture.index))
        } catch {
            throw .capture(error)
        }
        try checkSize()
    }

    /// Refuses what no scan could come to the end of.
    private func checkSize() throws(SourceError) {
        let words = machine.heap.scanWordBound
        guard words <= Heap.scanWordLimit else { throw .tooMuchToScan(name, words: words) }
    }

    /// When a headless scan takes place, since boot; nil: at once.
    var scanTime: Microseconds? { machine.scenario?.scanTime }
    /// When its result is read.
    var readTime: Microseconds? { machine.scenario?.readTime }
}

/// Files that are something else, told by how they begin.
private enum ForeignFile: String {
    case xz = "xz-compressed data (unpack it first: xz -dk)"
    case gzip = "gzip-compressed data (unpack it first: gunzip -k)"
    case zstd = "zstd-compressed data (unpack it first: unzstd)"
    case report = "a kmemleak report, which names leaks but holds no memory to scan"
    case binary = "binary data"

    init?(_ start: some Collection<UInt8>) {
        let magics: [(ForeignFile, [UInt8])] = [
            (.xz, [0xfd, 0x37, 0x7a, 0x58, 0x5a]), (.gzip, [0x1f, 0x8b]), (.zstd, [0x28, 0xb5, 0x2f, 0xfd]),
        ]
        if let (kind, _) = magics.first(where: { start.starts(with: $0.1) }) {
            self = kind
        } else if start.contains(0) {
            self = .binary
        } else if String(decoding: start, as: UTF8.self).contains("unreferenced object") {
            self = .report
        } else {
            return nil
        }
    }
}

/// Why a source cannot be opened.
enum SourceError: ToldInOneSentence {
    case unknown(String, nearest: [String])
    case unreadable(String, Errno)
    case empty(String)
    case wrongKind(String, found: String)
    case scenario(ScenarioError)
    case capture(CaptureError)
    case tooMuchToScan(String, words: UInt64)

    var description: String {
        switch self {
        case .unknown(let name, let nearest):
            "\(name): no such scenario or file" + (nearest.isEmpty ? "" : "; did you mean \(nearest.joined(separator: " or "))?")
        case .unreadable(let path, let error): "\(path): \(error)"
        case .empty(let path): "\(path): the file is empty; expected a capture (ELF core) or a scenario (YAML)"
        case .wrongKind(let path, let found): "\(path): expected a capture (ELF core) or a scenario (YAML), found \(found)"
        case .scenario(let error): "\(error)"
        case .capture(let error): "\(error)"
        case .tooMuchToScan(let name, let words):
            "\(name): expected roots and objects of at most \(Heap.scanWordLimit) words, found up to \(words)"
        }
    }
}
