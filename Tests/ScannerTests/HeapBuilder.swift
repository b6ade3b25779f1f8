import HeapModel
import Scanner

extension Heap {
    /// The smallest heap that a test needs, at 1000 s after boot.
    init(
        _ style: KernelProfile.Style = .current, wordSize: Int = 8, hz: UInt64 = 250,
        _ build: (inout HeapBuilder) -> Void
    ) {
        var builder = HeapBuilder(style, wordSize: wordSize, hz: hz)
        build(&builder)
        self = builder.heap
    }
}

/// Writes a heap down: objects with their contents, roots, and what points where.
struct HeapBuilder {
    /// For the settings that have no verb of their own.
    var heap: Heap

    init(_ style: KernelProfile.Style, wordSize: Int, hz: UInt64) {
        var profile = KernelProfile(release: "test", architecture: .x86_64, hz: hz, style: style)
        profile.wordSize = wordSize
        heap = Heap(profile: profile, jiffies: .atBoot(hz: hz) + 1000 * hz)
    }

    /// An object whose contents are held and zero unless told otherwise; allocated 10 s ago.
    /// - Parameter ticksOld: its age in jiffies.
    @discardableResult
    mutating func object(
        at pointer: UInt64, size: UInt64, minCount: Int32 = 1, flags: ObjectFlags = [], isAllocated: Bool = true,
        areas: [(start: UInt64, size: UInt64)] = [], excess: UInt64 = 0, ticksOld: UInt64? = nil, isHeld: Bool = true,
        checksum: UInt32 = 0, pid: Int32 = 1, comm: String = "swapper/0", frames: [UInt64] = [],
        _ contents: (inout Block) -> Void = { _ in }
    ) -> ObjectID {
        let age = ticksOld ?? 10 * heap.profile.hz
        var object = TrackedObject(
            pointer: Address(pointer), size: size, minCount: minCount,
            flags: isAllocated ? flags.union(.allocated) : flags, jiffies: Jiffies(heap.jiffies.rawValue &- age))
        object.excessReference = Address(excess)
        object.checksum = checksum
        object.pid = pid
        object.comm = Comm(comm)
        object.trace = heap.traces.insert(frames.map { Address($0) })
        let id = heap.objects.append(object)
        if !areas.isEmpty {
            heap.objects.areas[id] = areas.map { AddressRange(start: Address($0.start), size: $0.size) }
        }
        for range in isHeld ? heap.contents(of: id) : [] {
            fill(range, contents)
        }
        return id
    }

    mutating func root(
        _ kind: Root.Kind = .percpu, at start: UInt64, size: UInt64, pid: Int32? = nil,
        _ contents: (inout Block) -> Void = { _ in }
    ) {
        let range = AddressRange(start: Address(start), size: size)
        heap.roots.append(Root(kind: kind, name: "root", range: range, pid: pid))
        fill(range, contents)
    }

    /// A root that holds nothing but these words.
    mutating func root(_ kind: Root.Kind = .percpu, at start: UInt64, pointingTo targets: UInt64...) {
        root(kind, at: start, size: UInt64(targets.count * heap.profile.wordSize)) { block in
            for (place, target) in targets.enumerated() {
                block.pointer(to: target, at: UInt64(place * block.wordSize))
            }
        }
    }

    /// Memory that no object or root brings along.
    mutating func memory(at start: UInt64, size: UInt64, _ contents: (inout Block) -> Void = { _ in }) {
        fill(AddressRange(start: Address(start), size: size), contents)
    }

    private mutating func fill(_ range: AddressRange, _ contents: (inout Block) -> Void) {
        precondition(heap.memory.add(range), "the test's blocks overlap")
        var block = Block(start: range.start, wordSize: heap.profile.wordSize, memory: heap.memory)
        contents(&block)
        heap.memory = block.memory
    }

    /// The contents of one block; places are offsets from its start.
    struct Block {
        let start: Address
        let wordSize: Int
        fileprivate(set) var memory: Memory

        mutating func pointer(to target: UInt64, at offset: UInt64) {
            precondition(memory.write(word: target, size: wordSize, at: start + offset), "the word stands outside")
        }

        mutating func bytes(_ bytes: [UInt8], at offset: UInt64 = 0) {
            precondition(memory.write(bytes, at: start + offset), "the bytes stand outside")
        }
    }
}

/// A scan that ran to its end, asked by address.
struct Scanned {
    let recording: ScanRecording
    /// As the scan left it.
    let heap: Heap

    init(_ heap: Heap) {
        recording = Scan.run(heap)
        self.heap = recording.outcome
    }

    /// The object that starts at `pointer`; the first in creation order.
    func object(_ pointer: UInt64) -> TrackedObject {
        guard let id = heap.objects.ids.first(where: { heap.objects.pointers[$0.index].rawValue == pointer }) else {
            preconditionFailure("no object starts there")
        }
        return heap.objects[id]
    }

    func colour(_ pointer: UInt64) -> Colour { object(pointer).colour }
    func count(_ pointer: UInt64) -> Int32 { object(pointer).count }

    /// Starts of the objects that this scan reported.
    var leaks: [UInt64] { starts(recording.leaks.map(\.id)) }

    /// Starts of the objects that were on the gray list, in the order in which they joined.
    var order: [UInt64] { starts(Array(recording.passes[0].order)) }

    /// Addresses of the words examined, in order.
    var words: [UInt64] {
        (0..<recording.endTick).compactMap { tick in
            guard case .word(let address) = Moment(recording: recording, tick: tick).step else { return nil }
            return address.rawValue
        }
    }

    /// What became of the words that hit something.
    var outcomes: [Verdict.Outcome] {
        (0..<recording.endTick).flatMap { Moment(recording: recording, tick: $0).verdict?.hits.map(\.outcome) ?? [] }
    }

    private func starts(_ ids: [ObjectID]) -> [UInt64] { ids.map { heap.objects.pointers[$0.index].rawValue } }
}

/// The heap some jiffies later.
extension Heap {
    func later(ticks: UInt64) -> Heap {
        var heap = self
        heap.jiffies = jiffies + ticks
        return heap
    }
}
