/// `kmemleak.md`, section 7: text to the byte.
extension ReferenceKmemleak {
    /// `0x%08lx`.
    func hex(_ address: UInt64) -> String { "0x" + padded(String(address, radix: 16), to: 8) }

    private func padded(_ digits: String, to width: Int) -> String {
        String(repeating: "0", count: max(0, width - digits.count)) + digits
    }

    private func kind(_ record: Record) -> String {
        record.has(Flag.phys) ? " (phys)" : record.has(Flag.perCPU) ? " (percpu)" : ""
    }

    private func symbol(_ frame: UInt64) -> String {
        machine.symbols[frame] ?? "0x" + padded(String(frame, radix: 16), to: 16)
    }

    private func commLine(_ record: Record) -> String {
        "  comm \"\(record.comm)\", pid \(record.pid), jiffies \(record.jiffies)"
    }

    /// An entry of the control file.
    func reportLines(of record: Record, withHexDump: Bool) -> [String] {
        var lines = ["unreferenced object\(kind(record)) \(hex(record.pointer)) (size \(record.size)):"]
        lines.append(commLine(record) + (style == .old ? age(record) : ""))
        if withHexDump, !record.has(Flag.phys) { lines += hexDump(record) }
        switch style {
        case .old, .v6_1:
            lines.append("  backtrace:")
            lines += record.trace.map { "    [<\(padded(String($0, radix: 16), to: 16))>] \(symbol($0))" }
        case .current, .v2026:
            lines.append("  backtrace (crc \(String(record.checksum, radix: 16))):")
            lines += record.trace.map { "    \(symbol($0))" }
        }
        return lines
    }

    private func age(_ record: Record) -> String {
        let milliseconds = (jiffies - record.jiffies) * 1000 / hz
        return " (age \(milliseconds / 1000).\(padded(String(milliseconds % 1000), to: 3))s)"
    }

    private func hexDump(_ record: Record) -> [String] {
        let length = min(32, record.size)
        let start = contents(of: record).first ?? record.pointer
        let place = record.has(Flag.perCPU) ? " on cpu 0" : ""
        var lines = ["  hex dump (first \(length) bytes\(place)):"]
        var offset: UInt64 = 0
        while offset < length {
            var digits = "", text = ""
            for step in offset..<min(offset + 16, length) {
                let byte = machine.byte(at: start &+ step)
                digits += byte.map { padded(String($0, radix: 16), to: 2) } ?? "??"
                digits += " "
                text += byte.map { (0x20...0x7e).contains($0) ? String(Unicode.Scalar($0)) : "." } ?? "?"
            }
            digits += String(repeating: " ", count: 48 - digits.count)
            lines.append("    " + digits + " " + text)
            offset += 16
        }
        return lines
    }

    /// `dump_object_info()`: the frames without kmemleak's prefix.
    mutating func dump(_ record: Record) {
        say("Object\(kind(record)) \(hex(record.pointer)) (size \(record.size)):")
        say(commLine(record))
        say("  min_count = \(record.minCount)")
        say("  count = \(record.count)")
        say("  flags = 0x\(String(record.flags, radix: 16))")
        say("  checksum = \(record.checksum)")
        say("  backtrace:")
        for frame in record.trace { write((style == .old ? "     " : " ") + symbol(frame)) }
    }

    /// `verbose`. In 2026 leaks with the same trace are printed once, when all others have been; the traces come in the
    /// order of their handles.
    mutating func printLeaks() {
        for leak in leaks where style != .v2026 || records[leak].trace.isEmpty {
            reportLines(of: records[leak], withHexDump: true).forEach { say($0) }
        }
        if style != .v2026 { return }
        for trace in depot {
            let alike = leaks.filter { records[$0].trace == trace }
            guard let first = alike.first else { continue }
            reportLines(of: records[first], withHexDump: alike.count == 1).forEach { say($0) }
            if alike.count > 1 { say("  ... and \(alike.count - 1) more object(s) with the same backtrace") }
        }
    }
}
