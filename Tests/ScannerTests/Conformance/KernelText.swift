/// What is compared of a kernel's texts: all but times, the values of hashed pointers and the contents of blocks.
enum KernelText {
    /// kmemleak's lines of a log, the backtraces of its dumps, and that a stack was dumped; the rest of the kernel's is left out.
    static func log(_ text: String) -> [String] {
        var lines: [String] = []
        var isInBacktrace = false
        for line in text.split(separator: "\n").map({ String($0).replacing(#/^\[ *[0-9]+\.[0-9]+\] /#, with: "") }) {
            if line.hasPrefix("kmemleak: ") {
                lines.append(plain(line))
                isInBacktrace = line == "kmemleak:   backtrace:"
            } else if isInBacktrace, line.hasPrefix(" ") {
                lines.append(line)
            } else {
                isInBacktrace = false
                if line.hasPrefix("CPU: ") { lines.append("CPU: …") }
                if line == "Call Trace:" { lines.append(line) }
            }
        }
        return lines
    }

    /// The lines of kmemleak's file.
    static func node(_ text: String) -> [String] { text.split(separator: "\n").map { plain(String($0)) } }

    private static func plain(_ line: String) -> String {
        line.replacing(#/\[<[0-9a-f]{16}>\]/#, with: "[<…>]")
            .replacing(#/ = ([0-9a-f]{16}|\(____ptrval____\))$/#, with: " = …")
            .replacing(#/^(kmemleak: )?    ([0-9a-f]{2} )+ *.*$/#) { "\($0.1 ?? "")    (bytes)" }
    }

    /// What came of an operation: what the kernel answered, without how long it took.
    static func result(_ text: String) -> String {
        text.split(separator: "\n").joined(separator: " | ").replacing(#/ \[[0-9.]+ ms\]/#, with: "")
    }
}

/// Which of our addresses stands for one of the real kernel's: blocks are told apart by their place in what is printed.
struct AddressMap {
    private var ours: [Substring: Substring] = [:]

    /// The real kernel's lines with our addresses in them; blocks that both print for the first time are paired.
    mutating func translate(_ real: [String], beside lines: [String]) -> [String] {
        for (theirs, ours) in zip(real, lines) {
            guard let key = theirs.firstMatch(of: #/bject (0x[0-9a-f]+) \(size/#)?.1, self.ours[key] == nil,
                let value = ours.firstMatch(of: #/bject (0x[0-9a-f]+) \(size/#)?.1, !self.ours.values.contains(value)
            else { continue }
            self.ours[key] = value
        }
        return real.map(translate)
    }

    func translate(_ text: String) -> String { text.replacing(#/0x[0-9a-f]{8,}/#) { String(ours[$0.0] ?? $0.0) } }
}
