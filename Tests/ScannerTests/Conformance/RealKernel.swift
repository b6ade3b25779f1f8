import Foundation

/// What a real 6.1 kernel did, operation by operation: a folder of texts that a script in a virtual machine wrote down.
///
/// `INDEX.txt` tells the order and the uptimes; `NAME.op.txt` is what came of an operation, `NAME.dmesg.txt` what was new in
/// the log when it was done, `NAME.node.txt` what reading kmemleak's file gave.
struct RealKernel {
    let folder: String
    /// In the order in which they happened.
    let events: [Event]

    struct Event {
        let name: String
        let deed: Deed
        /// Since boot, in seconds; nil: not noted.
        let uptime: Double?

        /// `02-scan-first: write`.
        var title: String { "\(name): \(deed.word)" }
    }

    enum Deed {
        case boot, insmod, rmmod
        /// What was written, and whether a shell's echo wrote it rather than a program that tells the errno.
        case write(String, byShell: Bool)
        case read
        /// Only the log was looked at, after a while.
        case wait

        var word: String {
            switch self {
            case .boot: "boot"
            case .insmod: "insmod"
            case .rmmod: "rmmod"
            case .write: "write"
            case .read: "read"
            case .wait: "wait"
            }
        }
    }

    private let root: String

    init(_ folder: String, in root: String) throws {
        (self.folder, self.root) = (folder, root)
        var events = [Event(name: "boot", deed: .boot, uptime: nil)]
        for line in try String(contentsOfFile: "\(root)/\(folder)/INDEX.txt", encoding: .utf8).split(separator: "\n") {
            guard let event = Self.event(line) else { continue }
            events.append(event)
            events += Self.unlisted.filter { $0.folder == folder && $0.after == event.title }
                .map { Event(name: $0.name, deed: $0.deed, uptime: nil) }
        }
        self.events = events
    }

    /// A text of the folder; nil when nothing of the kind was written down.
    func text(_ name: String, _ kind: String) -> String? {
        try? String(contentsOfFile: "\(root)/\(folder)/\(name).\(kind).txt", encoding: .utf8)
    }

    /// Names of operations in the folder, whatever was written down of them.
    func names() throws -> Set<String> {
        let files = try FileManager.default.contentsOfDirectory(atPath: "\(root)/\(folder)")
        return Set(files.compactMap { file in
            [".op.txt", ".dmesg.txt", ".node.txt"].first { file.hasSuffix($0) }.map { String(file.dropLast($0.count)) }
        })
    }

    /// What the index leaves out.
    private static let unlisted: [(folder: String, after: String, name: String, deed: Deed)] = [
        ("main", "10-scan5: write", "10b-scan5-after-12s", .wait),
        ("main", "11c-scan-on: write", "11c-scan-on-after-1s", .wait),
        ("main", "18-off: write", "18-off-after-2s", .wait),
        ("off", "06-bogus: write", "insmod", .insmod),
        ("mempool100", "06-bogus: write", "insmod", .insmod),
        ("verbose", "00-before: read", "01-insmod", .insmod),
        ("verbose", "03-scan: read", "04-after-70s", .wait),
    ]

    /// A line such as `@@NOTE uptime=17.73 ### 02-scan-first: kmw 'scan\n'`.
    private static func event(_ line: Substring) -> Event? {
        guard let note = line.wholeMatch(of: #/@@NOTE uptime=([0-9.]+) (.*)/#) else { return nil }
        let uptime = Double(note.1), text = note.2
        func event(_ name: some StringProtocol, _ deed: Deed) -> Event { Event(name: String(name), deed: deed, uptime: uptime) }
        if let match = text.wholeMatch(of: #/### (.+?): kmw '(.*)'/#) {
            return event(match.1, .write(String(match.2).replacing("\\n", with: "\n"), byShell: false))
        }
        if let match = text.wholeMatch(of: #/### (.+?): echo (.*) > .*/#) {
            return event(match.1, .write(match.2 + "\n", byShell: true))
        }
        if let match = text.wholeMatch(of: #/(.+?): cat rc=0, .*/#) { return event(match.1, .read) }
        if text.hasPrefix("insmod ") { return event("01-insmod", .insmod) }
        if text.hasPrefix("rmmod ") { return event("17-rmmod", .rmmod) }
        return nil
    }
}
