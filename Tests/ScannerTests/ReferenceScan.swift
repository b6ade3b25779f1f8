import HeapModel
import Scanner

/// kmemleak's scan, slow and obvious: written from `kmemleak.md`, sections 3 to 5, to be compared with `Scan`.
///
/// It shares no code with Scanner and none of HeapModel's look-ups: bytes stand in one dictionary, objects are found
/// by asking each of them, and every step writes down what it did.
struct ReferenceScan {
    struct Object {
        var pointer, size, excess, jiffies: UInt64
        var minCount, count: Int32
        var flags, checksum: UInt32
        var areas: [(start: UInt64, size: UInt64)]

        var isWhite: Bool { count != -1 && count < minCount }
        var isGray: Bool { minCount != -1 && count >= minCount }
        var isBlack: Bool { minCount == -1 }

        func has(_ flag: UInt32) -> Bool { flags & flag != 0 }

        var isOrdinary: Bool { !has(Flag.phys) && !has(Flag.perCPU) }
    }

    enum Flag {
        static let allocated: UInt32 = 0x1, reported: UInt32 = 0x2, noScan: UInt32 = 0x4
        static let fullScan: UInt32 = 0x8, phys: UInt32 = 0x10, perCPU: UInt32 = 0x20
    }

    enum Step: Equatable {
        case phase(Phase)
        case root(Int)
        case object(Int)
        case word(UInt64)
        case checksum(Int)
        case report(Int)
        case end
    }

    /// One step with all that it changed.
    struct Event {
        let step: Step
        /// Objects whose count changed, with the count.
        var counted: [(object: Int, count: Int32)] = []
        /// Objects that joined the gray list.
        var joined: [Int] = []
        /// What the word points into.
        var hits: [Hit] = []
    }

    struct Hit: Equatable {
        let target: Int
        let offset: UInt64
        let outcome: Outcome
    }

    enum Outcome: Equatable {
        case selfReference, ignored, alreadyGray
        case counted(Int32)
        case passedOn(Int, Int32)
    }

    private let bytes: [UInt64: UInt8]
    private let wordSize: UInt64
    private let hz: UInt64
    private let roots: [Root]
    private let scansStacks: Bool
    private let physToVirt: UInt64?
    private let perCPUOffsets: [UInt64]?
    private let low: (first: UInt64, last: UInt64)?
    private let pageShift: UInt64
    /// The time of the scan.
    let now: UInt64

    private(set) var objects: [Object]
    private(set) var events: [Event] = []
    /// All that were on the gray list, in the order in which they joined.
    private(set) var queue: [Int] = []
    private(set) var referenceCount = 0
    private(set) var leaks: [Int] = []
    private(set) var newChecksums: [(object: Int, checksum: UInt32)] = []

    init(_ heap: Heap) {
        var bytes: [UInt64: UInt8] = [:]
        for segment in heap.memory.segments {
            segment.withBytes { source in
                for offset in 0..<source.count { bytes[segment.start + UInt64(offset)] = source[offset] }
            }
        }
        self.bytes = bytes
        wordSize = UInt64(heap.profile.wordSize)
        hz = heap.profile.hz
        roots = heap.roots
        scansStacks = heap.scansStacks
        physToVirt = heap.physToVirt
        perCPUOffsets = heap.perCPUOffsets
        low = heap.lowPageFrames.map { ($0.lowerBound, $0.upperBound) }
        pageShift = heap.pageShift
        now = heap.jiffies.rawValue
        objects = (0..<heap.objects.count).map { row in
            let object = heap.objects[ObjectID(row)]
            return Object(
                pointer: object.pointer.rawValue, size: object.size, excess: object.excessReference.rawValue,
                jiffies: object.jiffies.rawValue, minCount: object.minCount, count: object.count,
                flags: object.flags.rawValue, checksum: object.checksum,
                areas: (heap.objects.areas[ObjectID(row)] ?? []).map { ($0.start.rawValue, $0.size) })
        }
    }

    /// Section 4.
    mutating func run() {
        events.append(Event(step: .phase(.prepare)))
        for id in objects.indices {
            if isOutsideLowMemory(id) {
                objects[id].minCount = -1
                objects[id].flags |= Flag.noScan
            }
            objects[id].count = 0
            if objects[id].isGray { join(id) }
        }

        events.append(Event(step: .phase(.roots)))
        for (number, root) in roots.enumerated() {
            if root.kind == .stack, !scansStacks { continue }
            events.append(Event(step: .root(number)))
            let isSection = root.kind == .data || root.kind == .bss || root.kind == .percpu
            scanBlock(root.range.start.rawValue, root.range.size, of: nil, inChunks: isSection)
        }

        var next = 0
        scanGrayList(.grayList, from: &next)

        events.append(Event(step: .phase(.modified)))
        for id in objects.indices {
            let object = objects[id]
            guard object.isWhite, object.has(Flag.allocated), !object.has(Flag.phys) else { continue }
            events.append(Event(step: .checksum(id)))
            guard let checksum = checksum(of: id), checksum != object.checksum else { continue }
            objects[id].checksum = checksum
            newChecksums.append((id, checksum))
            objects[id].count = object.minCount
            events[events.count - 1].counted.append((id, object.minCount))
            join(id)
        }
        scanGrayList(.grayListAgain, from: &next)

        events.append(Event(step: .phase(.report)))
        for id in objects.indices {
            let object = objects[id]
            guard object.isWhite, object.has(Flag.allocated), !object.has(Flag.reported), isOldEnough(id) else { continue }
            objects[id].flags |= Flag.reported
            leaks.append(id)
            events.append(Event(step: .report(id)))
        }
        events.append(Event(step: .end))
    }

    private func isOutsideLowMemory(_ id: Int) -> Bool {
        let object = objects[id]
        guard let low, object.has(Flag.phys), !object.has(Flag.noScan) else { return false }
        return object.pointer >> pageShift < low.first || (object.pointer &+ object.size) >> pageShift > low.last
    }

    func isOldEnough(_ id: Int) -> Bool {
        Int64(bitPattern: now &- (objects[id].jiffies &+ 5 * hz)) >= 0
    }

    private mutating func scanGrayList(_ phase: Phase, from next: inout Int) {
        events.append(Event(step: .phase(phase)))
        while next < queue.count {
            let id = queue[next]
            next += 1
            events.append(Event(step: .object(id)))
            let object = objects[id]
            if object.has(Flag.noScan) || !object.has(Flag.allocated) { continue }
            if object.has(Flag.perCPU) {
                for offset in perCPUOffsets ?? [] {
                    scanBlock(object.pointer &+ offset, object.size, of: id, inChunks: false)
                }
            } else if !object.areas.isEmpty, !object.has(Flag.fullScan) {
                for area in object.areas { scanBlock(area.start, area.size, of: id, inChunks: false) }
            } else if object.has(Flag.phys) {
                if let physToVirt { scanBlock(object.pointer &+ physToVirt, object.size, of: id, inChunks: true) }
            } else {
                scanBlock(object.pointer, object.size, of: id, inChunks: true)
            }
        }
    }

    /// CRC-32, bit by bit.
    func checksum(of id: Int) -> UInt32? {
        let object = objects[id]
        let starts: [UInt64]
        if object.has(Flag.phys) {
            starts = physToVirt.map { [object.pointer &+ $0] } ?? []
        } else if object.has(Flag.perCPU) {
            starts = (perCPUOffsets ?? []).map { object.pointer &+ $0 }
        } else {
            starts = [object.pointer]
        }
        guard !starts.isEmpty else { return nil }
        var all: UInt32 = 0
        for start in starts {
            var crc: UInt32 = 0
            var offset: UInt64 = 0
            while offset < object.size {
                guard let byte = bytes[start &+ offset] else { return nil }
                crc ^= UInt32(byte)
                for _ in 0..<8 { crc = crc & 1 == 1 ? crc >> 1 ^ 0xEDB8_8320 : crc >> 1 }
                offset += 1
            }
            all ^= crc
        }
        return all
    }

    // Section 5.

    private mutating func scanBlock(_ start: UInt64, _ size: UInt64, of scanned: Int?, inChunks: Bool) {
        if inChunks {
            var offset: UInt64 = 0
            while offset < size {
                scanWords(start &+ offset, min(4096, size - offset), of: scanned)
                offset += 4096
            }
        } else {
            scanWords(start, size, of: scanned)
        }
    }

    private mutating func scanWords(_ start: UInt64, _ size: UInt64, of scanned: Int?) {
        var offset: UInt64 = 0
        while (start &+ offset) % wordSize != 0 { offset += 1 }
        while offset + wordSize <= size {
            if let word = word(at: start &+ offset) {
                events.append(Event(step: .word(start &+ offset)))
                examine(word, of: scanned)
            }
            offset += wordSize
        }
    }

    private func word(at address: UInt64) -> UInt64? {
        var word: UInt64 = 0
        for place in 0..<wordSize {
            guard let byte = bytes[address &+ place] else { return nil }
            word += UInt64(byte) << (place * 8)
        }
        return word
    }

    private mutating func examine(_ word: UInt64, of scanned: Int?) {
        if let id = lookUp(word, isPerCPU: false) { found(id, word, of: scanned) }
        if let id = lookUp(word, isPerCPU: true) { found(id, word, of: scanned) }
    }

    private func lookUp(_ word: UInt64, isPerCPU: Bool) -> Int? {
        objects.firstIndex { object in
            object.has(Flag.allocated) && !object.has(Flag.phys) && object.has(Flag.perCPU) == isPerCPU
                && word >= object.pointer && word - object.pointer < object.size
        }
    }

    private mutating func found(_ id: Int, _ word: UInt64, of scanned: Int?) {
        let outcome: Outcome
        if id == scanned {
            outcome = .selfReference
        } else {
            referenceCount += 1
            if objects[id].isGray {
                outcome = passOn(from: id, of: scanned).map { .passedOn($0, objects[$0].count) } ?? .alreadyGray
            } else {
                outcome = update(id) ? .counted(objects[id].count) : .ignored
            }
        }
        events[events.count - 1].hits.append(Hit(target: id, offset: word - objects[id].pointer, outcome: outcome))
    }

    /// The object that the surplus reference counted for, if any.
    private mutating func passOn(from id: Int, of scanned: Int?) -> Int? {
        let excess = objects[id].excess
        guard excess != 0 else { return nil }
        let other = objects.firstIndex { object in
            object.has(Flag.allocated) && object.isOrdinary && object.size > 0 && object.pointer == excess
        }
        guard let other, other != scanned, update(other) else { return nil }
        return other
    }

    private mutating func update(_ id: Int) -> Bool {
        guard objects[id].isWhite else { return false }
        objects[id].count += 1
        events[events.count - 1].counted.append((id, objects[id].count))
        if objects[id].isGray { join(id) }
        return true
    }

    private mutating func join(_ id: Int) {
        queue.append(id)
        events[events.count - 1].joined.append(id)
    }
}
