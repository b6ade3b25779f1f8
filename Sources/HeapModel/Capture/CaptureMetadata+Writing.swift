extension CaptureMetadata {
    /// META of a heap as JSON: the same text for the same heap, keys and symbols in a fixed order.
    static func text(of heap: Heap, captured: String?, tool: String?) -> String {
        var members = [
            ("format", quoted(format)), ("version", "\(version)"), ("arch", quoted(heap.profile.architecture.rawValue)),
            ("release", quoted(heap.profile.release)), ("hz", "\(heap.profile.hz)"), ("jiffies", "\(heap.jiffies.rawValue)"),
        ]
        func add(_ key: String, _ value: String?) {
            if let value { members.append((key, value)) }
        }
        add("last_scan", heap.lastScan.map { "\($0.rawValue)" })
        add("enabled", "\(heap.isEnabled)")
        add("stack_scan", "\(heap.scansStacks)")
        add("captured", captured.map(quoted))
        add("tool", tool.map(quoted))
        add("phys_to_virt", heap.physToVirt.map(address))
        add("low_pfn", heap.lowPageFrames.map { "[\($0.lowerBound), \($0.upperBound)]" })
        add("page_shift", "\(heap.pageShift)")
        add("per_cpu_offsets", heap.perCPUOffsets.map { "[\($0.map(address).joined(separator: ", "))]" })
        add("roots", "[" + heap.roots.map(root).joined(separator: ",\n") + "]")
        let symbols = heap.symbols.all.sorted { $0.0 < $1.0 }.map { "\(address($0.rawValue)): \(quoted($1))" }
        add("symbols", "{" + symbols.joined(separator: ",\n") + "}")
        return "{" + members.map { "\"\($0)\": \($1)" }.joined(separator: ",\n") + "}\n"
    }

    private static func root(_ root: Root) -> String {
        let pid = root.pid.map { ", \"pid\": \($0)" } ?? ""
        return "{\"kind\": \"\(root.kind.rawValue)\", \"name\": \(quoted(root.name))\(pid), "
            + "\"start\": \(address(root.range.start.rawValue)), \"size\": \(root.range.size)}"
    }

    /// Lowercase, no padding, and a string: JSON numbers lose bits past 2^53.
    private static func address(_ value: UInt64) -> String { "\"0x" + String(value, radix: 16) + "\"" }

    private static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"", "\\": result += "\\\(scalar)"
            case "\0"..."\u{1f}":
                let digits = String(scalar.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}
