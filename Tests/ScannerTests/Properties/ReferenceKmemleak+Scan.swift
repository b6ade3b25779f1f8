import HeapModel

/// Sections 4, 5 and 10: the scan.
extension ReferenceKmemleak {
    mutating func scan() {
        scans += 1
        pass(isConfirming: false)
        // Step 4: modified objects; then the gray list again.
        var queue: [Int] = []
        for place in list.indices where list[place].isWhite && list[place].kind != .phys {
            guard let checksum = checksum(list[place]), checksum != list[place].checksum else { continue }
            list[place].checksum = checksum
            list[place].count = list[place].needs
            list[place].isSuspect = false
            queue.append(place)
        }
        readQueue(&queue)
        if style == .v2026 {
            let suspects = list.indices.filter { isNewLeak(list[$0]) }
            for place in suspects { list[place].isSuspect = true }
            if !suspects.isEmpty { pass(isConfirming: true) }
        }
        var found: [Int] = []
        for place in list.indices where isNewLeak(list[place]) {
            if style == .v2026 {
                guard list[place].isSuspect else { continue }
                list[place].unrefScans += 1
                guard list[place].unrefScans >= Int(options.minUnrefScans) else { continue }
            }
            list[place].isReported = true
            found.append(place)
        }
        guard !found.isEmpty else { return }
        foundLeaks = true
        if options.isVerbose { tell(found) }
        say("\(found.count) new suspected memory leaks (see /sys/kernel/debug/kmemleak)")
    }

    private mutating func pass(isConfirming: Bool) {
        lastScan = jiffies
        var queue: [Int] = []
        for place in list.indices {
            if list[place].kind == .phys, !list[place].isUnscanned, let low = lowPages {
                let record = list[place]
                if record.start / 4096 < low.lowerBound || (record.start + record.size) / 4096 > low.upperBound {
                    list[place].needs = -1
                    list[place].isUnscanned = true
                }
            }
            if style == .v2026 {
                if !isConfirming { list[place].isSuspect = false }
                if !list[place].isWhite { list[place].unrefScans = 0 }
            }
            list[place].count = 0
            if list[place].isGray {
                list[place].isSuspect = false
                queue.append(place)
            }
        }
        for root in roots where root.kind != .stack || scansStacks {
            let isSection = root.kind == .data || root.kind == .bss || root.kind == .percpu
            read(root.range.start.rawValue, root.range.size, of: nil, inChunks: isSection, &queue)
        }
        readQueue(&queue)
    }

    private mutating func readQueue(_ queue: inout [Int]) {
        var next = 0
        while next < queue.count {
            let place = queue[next], record = list[place]
            next += 1
            if record.isUnscanned || !record.isAllocated { continue }
            if record.kind == .percpu {
                for offset in perCPUOffsets { read(record.start &+ offset, record.size, of: place, inChunks: false, &queue) }
            } else if !record.areas.isEmpty, !record.isFull {
                for area in record.areas { read(area.start, area.size, of: place, inChunks: false, &queue) }
            } else {
                read(contents(record)[0], record.size, of: place, inChunks: true, &queue)
            }
        }
    }

    /// Where the bytes of a record stand.
    private func contents(_ record: Record) -> [UInt64] {
        switch record.kind {
        case .virtual: [record.start]
        case .phys: [record.start &+ physToVirt]
        case .percpu: perCPUOffsets.map { record.start &+ $0 }
        }
    }

    private mutating func read(_ start: UInt64, _ size: UInt64, of owner: Int?, inChunks: Bool, _ queue: inout [Int]) {
        var from: UInt64 = 0
        while from < size {
            let length = inChunks ? min(4096, size - from) : size
            var address = (start + from + 7) / 8 * 8
            while address + 8 <= start + from + length {
                if let word = word(at: address) { look(word, owner, &queue) }
                address += 8
            }
            from += length
        }
    }

    private func word(at address: UInt64) -> UInt64? {
        var word: UInt64 = 0
        for byte in 0..<8 as Range<UInt64> {
            guard let value = bytes[address + byte] else { return nil }
            word |= UInt64(value) << (8 * byte)
        }
        return word
    }

    private mutating func look(_ word: UInt64, _ owner: Int?, _ queue: inout [Int]) {
        for kind in [ObjectKind.virtual, .percpu] {
            guard let place = containing(word, kind), place != owner else { continue }
            if list[place].isGray {
                let excess = list[place].excess
                if excess != 0, let other = list.firstIndex(where: { $0.kind == .virtual && $0.start == excess && $0.size > 0 }), other != owner {
                    count(other, &queue)
                }
            } else {
                count(place, &queue)
            }
        }
    }

    private mutating func count(_ place: Int, _ queue: inout [Int]) {
        guard list[place].isWhite else { return }
        list[place].count += 1
        if list[place].isGray {
            list[place].isSuspect = false
            queue.append(place)
        }
    }

    func checksum(_ record: Record) -> UInt32? {
        var total: UInt32 = 0
        for start in contents(record) {
            var crc: UInt32 = style == .v2026 ? total : 0
            for offset in 0..<record.size {
                guard let byte = bytes[start + offset] else { return nil }
                crc ^= UInt32(byte)
                for _ in 0..<8 { crc = crc & 1 == 1 ? crc >> 1 ^ 0xEDB8_8320 : crc >> 1 }
            }
            total = style == .v2026 ? crc : total ^ crc
        }
        return total
    }

    func isUnreferenced(_ record: Record) -> Bool {
        guard let lastScan, record.isWhite, record.isAllocated else { return false }
        return Int64(bitPattern: lastScan &- (record.born &+ 5 * hz)) >= 0
    }

    private func isNewLeak(_ record: Record) -> Bool { !record.isReported && isUnreferenced(record) }

    // MARK: Section 7

    func read() -> String {
        list.filter { $0.isReported && isUnreferenced($0) }.flatMap { entry($0, withDump: true) }.map { $0 + "\n" }.joined()
    }

    private mutating func tell(_ found: [Int]) {
        guard style == .v2026 else {
            for place in found { for line in entry(list[place], withDump: true) { say(line) } }
            return
        }
        for place in found where list[place].trace.isEmpty { for line in entry(list[place], withDump: true) { say(line) } }
        var told: [[UInt64]] = []
        for place in found where !list[place].trace.isEmpty && !told.contains(list[place].trace) {
            told.append(list[place].trace)
            for line in entry(list[place], withDump: false) { say(line) }
            let more = found.count { list[$0].trace == list[place].trace } - 1
            if more > 0 { say("  ... and \(more) more object(s) with the same backtrace") }
        }
    }

    private func entry(_ record: Record, withDump: Bool) -> [String] {
        let suffix = record.kind == .phys ? " (phys)" : record.kind == .percpu ? " (percpu)" : ""
        var lines = ["unreferenced object\(suffix) \(Self.hex(record.start)) (size \(record.size)):"]
        var comm = "  comm \"\(record.comm)\", pid \(record.pid), jiffies \(record.born)"
        if style == .old {
            let age = (jiffies - record.born) * 1000 / hz
            comm += " (age \(age / 1000)." + String(String(1000 + age % 1000).dropFirst()) + "s)"
        }
        lines.append(comm)
        if withDump, record.kind != .phys {
            let length = min(32, record.size)
            lines.append("  hex dump (first \(length) bytes\(record.kind == .percpu ? " on cpu 0" : "")):")
            for row in stride(from: 0, to: length, by: 16) {
                var hex = "", text = ""
                for offset in row..<min(length, row + 16) {
                    let byte = bytes[contents(record)[0] + offset]
                    let digits = byte.map { String($0, radix: 16) } ?? "?"
                    hex += (hex.isEmpty ? "" : " ") + (digits.count == 1 ? (digits == "?" ? "?" : "0") : "") + digits
                    text += byte.map { (0x20...0x7e).contains($0) ? String(UnicodeScalar($0)) : "." } ?? "?"
                }
                lines.append("    " + hex + String(repeating: " ", count: 47 - hex.count) + "  " + text)
            }
        }
        let isNew = style == .current || style == .v2026
        lines.append(isNew ? "  backtrace (crc \(String(record.checksum, radix: 16))):" : "  backtrace:")
        for frame in record.trace {
            let text = Self.frame(frame)
            lines.append(isNew ? "    \(text)" : "    [<\(text.dropFirst(2))>] \(text)")
        }
        return lines
    }

    mutating func dump(_ place: Int) {
        let record = list[place]
        let suffix = record.kind == .phys ? " (phys)" : record.kind == .percpu ? " (percpu)" : ""
        say("Object\(suffix) \(Self.hex(record.start)) (size \(record.size)):")
        say("  comm \"\(record.comm)\", pid \(record.pid), jiffies \(record.born)")
        say("  min_count = \(record.needs)")
        say("  count = \(record.count)")
        say("  flags = 0x\(String(record.flags, radix: 16))")
        say("  checksum = \(record.checksum)")
        say("  backtrace:")
        for frame in record.trace {
            log.append(Line(time: now, text: (style == .old ? "     " : " ") + Self.frame(frame)))
        }
    }
}
