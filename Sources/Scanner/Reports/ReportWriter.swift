import HeapModel

/// Writes objects as the kernel prints them (`kmemleak.md`, section 7).
package struct ReportWriter {
    private let heap: Heap
    /// The present, from which `old` reports tell an object's age.
    private let now: Jiffies

    package init(_ heap: Heap) {
        self.heap = heap
        now = heap.jiffies
    }

    /// What reading the control file gives: every reported and still unreferenced object, in creation order.
    package func report() -> String { heap.reportedLeaks.map(entry).joined() }

    /// One object's entry in the control file (`print_unreferenced()`).
    package func entry(for id: ObjectID) -> String { lines(for: id).map { $0 + "\n" }.joined() }

    /// The entry's lines.
    func lines(for id: ObjectID, withHexDump: Bool = true) -> [String] {
        let object = heap.objects[id]
        var lines = ["unreferenced object\(object.kind.reportSuffix) \(object.pointer) (size \(object.size)):"]
        lines.append(commLine(object) + age(of: object))
        if withHexDump { lines += hexDump(of: id) }
        lines.append(heap.profile.style.tellsChecksum ? "  backtrace (crc \(String(object.checksum, radix: 16))):" : "  backtrace:")
        lines += heap.traces[object.trace].map { frame in
            heap.profile.style.tellsChecksum ? "    \(symbol(frame))" : "    [<\(frame.paddedDigits)>] \(symbol(frame))"
        }
        return lines
    }

    /// What `dump=` puts into the kernel log, without the log's own prefixes (`dump_object_info()`).
    package func dump(of id: ObjectID) -> [LogText] {
        let object = heap.objects[id]
        let head = [
            "Object\(object.kind.reportSuffix) \(object.pointer) (size \(object.size)):", commLine(object),
            "  min_count = \(object.minCount)", "  count = \(object.count)",
            "  flags = 0x\(String(object.flags.rawValue, radix: 16))", "  checksum = \(object.checksum)", "  backtrace:",
        ]
        let indent = heap.profile.style == .old ? "     " : " "
        return head.map(LogText.message) + heap.traces[object.trace].map { .bare(indent + symbol($0)) }
    }

    /// A line for the kernel log: kmemleak's own, or one without its prefix.
    package enum LogText: Hashable, Sendable {
        case message(String)
        case bare(String)

        /// Without prefix.
        package var text: String {
            switch self {
            case .message(let text), .bare(let text): text
            }
        }

        /// As it stands in the log, behind the time.
        package var logged: String {
            switch self {
            case .message(let text): "kmemleak: " + text
            case .bare(let text): text
            }
        }
    }

    private func commLine(_ object: TrackedObject) -> String {
        "  comm \"\(object.comm.string)\", pid \(object.pid), jiffies \(object.jiffies.rawValue)"
    }

    /// ` (age 162.728s)`: at the time of reading; later kernels leave it out.
    private func age(of object: TrackedObject) -> String {
        guard heap.profile.style.tellsAge else { return "" }
        let milliseconds = (now - object.jiffies) * 1000 / heap.profile.hz
        let fraction = String(milliseconds % 1000)
        return " (age \(milliseconds / 1000)." + String(repeating: "0", count: 3 - fraction.count) + fraction + "s)"
    }

    /// The first 32 bytes at most; PHYS objects have none (`hex_dump_object()`).
    private func hexDump(of id: ObjectID) -> [String] {
        let object = heap.objects[id]
        guard object.kind != .phys else { return [] }
        let length = min(2 * HexRow.width, object.size)
        let place = object.kind == .percpu ? " on cpu 0" : ""
        let start = heap.contents(of: id).first?.start
        let bytes = start.map { heap.memory.bytes(in: AddressRange(start: $0, size: length)) }
            ?? [UInt8?](repeating: nil, count: Int(length))
        let rows = stride(from: 0, to: bytes.count, by: Int(HexRow.width)).map { offset in
            "    " + HexRow(bytes[offset..<min(bytes.count, offset + Int(HexRow.width))]).text
        }
        return ["  hex dump (first \(length) bytes\(place)):"] + rows
    }

    private func symbol(_ frame: Address) -> String { heap.name(ofFrame: frame) }
}

extension Heap {
    /// `%pS`: a name, or the bare address where there is none.
    func name(ofFrame frame: Address) -> String { symbols[frame] ?? "0x\(frame.paddedDigits)" }
}

extension Address {
    /// Sixteen digits, as `%p` prints a pointer of a 64-bit kernel.
    fileprivate var paddedDigits: String {
        String(repeating: "0", count: 16 - String(rawValue, radix: 16).count) + String(rawValue, radix: 16)
    }
}
