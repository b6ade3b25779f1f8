/// `kmemleak.md`, sections 3 to 5 and 10: one scan.
extension ReferenceKmemleak {
    mutating func scan() {
        scanCount += 1
        leaks = []
        pass(isFull: true)
        if style == .v2026 {
            for place in records.indices where isUnreferenced(records[place]) && !records[place].has(Flag.reported) {
                records[place].flags |= Flag.suspect
            }
            if !records.contains(where: { $0.has(Flag.suspect) }) { return }
            pass(isFull: false)
        }
        report()
    }

    private mutating func pass(isFull: Bool) {
        lastScan = jiffies
        var queue: [Int] = []
        for place in records.indices { prepare(place, isFull, &queue) }
        for root in machine.roots where root.kind != .stack || scansStacks {
            let isSection = root.kind == .data || root.kind == .bss || root.kind == .percpu
            scanBlock(root.range.start.rawValue, root.range.size, of: nil, inChunks: isSection, &queue)
        }
        drain(&queue)
        if !isFull { return }
        for place in records.indices where records[place].isWhite && !records[place].has(Flag.phys) {
            guard let checksum = checksum(of: records[place]), checksum != records[place].checksum else { continue }
            records[place].checksum = checksum
            records[place].count = records[place].minCount
            queue.append(place)
        }
        drain(&queue)
    }

    private mutating func prepare(_ place: Int, _ isFull: Bool, _ queue: inout [Int]) {
        if records[place].has(Flag.phys), !records[place].has(Flag.noScan), isOutsideLowMemory(records[place]) {
            records[place].minCount = -1
            records[place].flags |= Flag.noScan
        }
        if !records[place].isWhite { records[place].unrefScans = 0 }
        records[place].count = 0
        if isFull { records[place].flags &= ~Flag.suspect }
        if records[place].isGray { queue.append(place) }
    }

    private func isOutsideLowMemory(_ record: Record) -> Bool {
        guard let low = machine.low else { return false }
        return record.pointer >> 12 < low.first || (record.pointer + record.size) >> 12 > low.last
    }

    private mutating func report() {
        for place in records.indices {
            guard isUnreferenced(records[place]), !records[place].has(Flag.reported) else { continue }
            if style == .v2026 {
                guard records[place].has(Flag.suspect) else { continue }
                records[place].unrefScans += 1
                if records[place].unrefScans < options.minUnrefScans { continue }
            }
            records[place].flags |= Flag.reported
            leaks.append(place)
        }
        if options.isVerbose { printLeaks() }
        if leaks.isEmpty { return }
        hasFoundLeaks = true
        say("\(leaks.count) new suspected memory leaks (see /sys/kernel/debug/kmemleak)")
    }

    /// White, and older than five seconds when the last scan began.
    func isUnreferenced(_ record: Record) -> Bool {
        guard let lastScan, record.isWhite, record.has(Flag.allocated) else { return false }
        return Int64(bitPattern: lastScan &- (record.jiffies &+ 5 * hz)) >= 0
    }

    // MARK: The gray list

    private mutating func drain(_ queue: inout [Int]) {
        while !queue.isEmpty {
            let place = queue.removeFirst()
            let record = records[place]
            if record.has(Flag.noScan) { continue }
            if record.has(Flag.perCPU) {
                for offset in machine.perCPUOffsets {
                    scanBlock(record.pointer &+ offset, record.size, of: place, inChunks: false, &queue)
                }
            } else if !record.areas.isEmpty, !record.has(Flag.fullScan) {
                for area in record.areas { scanBlock(area.start, area.size, of: place, inChunks: false, &queue) }
            } else if record.has(Flag.phys) {
                guard let physToVirt = machine.physToVirt else { continue }
                scanBlock(record.pointer &+ physToVirt, record.size, of: place, inChunks: true, &queue)
            } else {
                scanBlock(record.pointer, record.size, of: place, inChunks: true, &queue)
            }
        }
    }

    private mutating func scanBlock(
        _ start: UInt64, _ size: UInt64, of scanned: Int?, inChunks: Bool, _ queue: inout [Int]
    ) {
        var offset: UInt64 = 0
        while offset < size {
            let length = inChunks ? min(4096, size - offset) : size
            scanWords(start &+ offset, length, of: scanned, &queue)
            offset += length
        }
    }

    private mutating func scanWords(_ start: UInt64, _ size: UInt64, of scanned: Int?, _ queue: inout [Int]) {
        var offset = (8 - start % 8) % 8
        while offset + 8 <= size {
            if let word = machine.word(at: start &+ offset) {
                if let place = place(containing: word, .ordinary) { found(place, of: scanned, &queue) }
                if let place = place(containing: word, .perCPU) { found(place, of: scanned, &queue) }
            }
            offset += 8
        }
    }

    private mutating func found(_ place: Int, of scanned: Int?, _ queue: inout [Int]) {
        if place == scanned { return }
        if !records[place].isGray {
            update(place, &queue)
        } else if records[place].excess != 0 {
            guard let other = self.place(startingAt: records[place].excess, .ordinary), other != scanned else { return }
            update(other, &queue)
        }
    }

    private mutating func update(_ place: Int, _ queue: inout [Int]) {
        if !records[place].isWhite { return }
        records[place].count += 1
        if records[place].isGray {
            records[place].flags &= ~Flag.suspect
            queue.append(place)
        }
    }

    // MARK: Contents

    /// Where a record's bytes stand: one place, or one for each CPU.
    func contents(of record: Record) -> [UInt64] {
        if record.has(Flag.perCPU) { return machine.perCPUOffsets.map { record.pointer &+ $0 } }
        if record.has(Flag.phys) { return machine.physToVirt.map { [record.pointer &+ $0] } ?? [] }
        return [record.pointer]
    }

    /// CRC-32 without inversions, bit by bit; nil when a byte cannot be read.
    func checksum(of record: Record) -> UInt32? {
        var all: UInt32 = 0
        for start in contents(of: record) {
            // Each CPU for itself, later one after the other.
            var crc = style == .v2026 ? all : 0
            for offset in 0..<record.size {
                guard let byte = machine.byte(at: start &+ offset) else { return nil }
                crc ^= UInt32(byte)
                for _ in 0..<8 { crc = crc & 1 == 1 ? crc >> 1 ^ 0xEDB8_8320 : crc >> 1 }
            }
            all = style == .v2026 ? crc : all ^ crc
        }
        return all
    }
}

extension ReferenceKmemleak.Machine {
    func byte(at address: UInt64) -> UInt8? {
        for region in regions {
            let offset = address &- region.start
            if offset < UInt64(region.bytes.count) { return region.bytes[Int(offset)] }
        }
        return nil
    }

    func word(at address: UInt64) -> UInt64? {
        var word: UInt64 = 0
        for place in 0..<8 as Range<UInt64> {
            guard let byte = byte(at: address &+ place) else { return nil }
            word |= UInt64(byte) << (8 * place)
        }
        return word
    }

    /// What no region holds is lost.
    mutating func write(word: UInt64, at address: UInt64) {
        for region in regions.indices {
            let offset = address &- regions[region].start
            guard offset < UInt64(regions[region].bytes.count) - 7 else { continue }
            for place in 0..<8 as Range<UInt64> {
                regions[region].bytes[Int(offset + place)] = UInt8(truncatingIfNeeded: word >> (8 * place))
            }
        }
    }
}
