/// A kernel that exists only here: a heap that grows by the hooks kmemleak sees, a clock and a log.
///
/// Deterministic: the same calls give the same addresses, bytes and jiffies on every machine.
package struct SimulatedKernel: Sendable {
    package private(set) var heap: Heap
    /// Time since boot; `heap.jiffies` is the same, cut to jiffies.
    package private(set) var uptime = Microseconds(0)
    package private(set) var log: [LogLine] = []
    package let tasks: [Task]
    /// Blamed for allocations; nil: the idle task.
    package var currentTask: Task?

    private var slabs: SlabAllocator
    /// The live objects by name.
    private var blocks: [String: Block] = [:]
    /// The sections that are objects; a scenario can neither free nor annotate them.
    private var sectionNames: [String: Address] = [:]
    /// Memory that is no root, where objects with a fixed address may stand: vmalloc space, say.
    private let areas: [AddressRange]
    private var memorySize: UInt64 = 0

    private struct Block: Sendable {
        let range: AddressRange
        /// nil: it stands in an area.
        let cache: String?
    }

    /// At most this much memory is simulated, in bytes.
    package static let memoryLimit: UInt64 = 256 << 20

    /// - Parameter sections: root sections; a scan takes them by kind, those of a kind in this order.
    package init(
        profile: KernelProfile, linearMap: AddressRange, sections: [Root], areas: [AddressRange], tasks: [Task]
    ) throws(Failure) {
        heap = Heap(profile: profile)
        slabs = SlabAllocator(linearMap: linearMap)
        self.areas = areas
        self.tasks = tasks.sorted { $0.pid < $1.pid }
        let stacks = self.tasks.map { Root(kind: .stack, name: $0.comm, range: $0.stack, pid: $0.pid) }
        let ordered = Root.Kind.allCases.flatMap { kind in sections.filter { $0.kind == kind } }
        for range in (ordered + stacks).map(\.range) + areas { try add(range) }
        let registered = ordered.filter { profile.style != .old && ($0.kind == .data || $0.kind == .bss) }
        heap.roots = ordered.filter { !registered.contains($0) } + stacks
        for section in registered { register(section) }
        currentTask = self.tasks.first
    }

    /// `kmemleak_init()` of later kernels: `.data` and `.bss` are gray objects, not roots (`kmemleak.md`, section 0).
    private mutating func register(_ section: Root) {
        var object = TrackedObject(
            pointer: section.range.start, size: section.range.size, minCount: 0, jiffies: heap.jiffies)
        object.comm = Comm("swapper")
        heap.objects.append(object)
        sectionNames[section.name] = section.range.start
    }

    private mutating func add(_ range: AddressRange) throws(Failure) {
        guard range.size <= Self.memoryLimit - memorySize else { throw .outOfMemory }
        guard heap.memory.add(range) else { throw .overlapsMemory(range) }
        memorySize += range.size
    }

    // MARK: Clock and log

    /// The clock never goes back.
    package mutating func setClock(_ time: Microseconds) {
        uptime = max(uptime, time)
        heap.jiffies = .at(uptime: uptime, hz: heap.profile.hz)
    }

    package mutating func say(_ text: String) { log.append(LogLine(time: uptime, text: text)) }

    package mutating func define(_ address: Address, _ symbol: String) { heap.symbols.define(address, symbol) }

    // MARK: What kmemleak sees

    /// What an allocation asks for.
    package struct Request: Sendable {
        package var name: String
        package var size: UInt64
        /// nil: kmalloc, from the cache of the next size.
        package var cache: String?
        package var address: Address?
        package var backtrace: [Address] = []
        package var minCount: Int32 = 1
        /// Whether the block is cleared; otherwise it holds what was there before.
        package var zero = true

        package init(name: String, size: UInt64) {
            self.name = name
            self.size = size
        }
    }

    /// `kmemleak_alloc()` for a block of a slab cache, or of an area when its address lies in one.
    package mutating func alloc(_ request: Request) throws(Failure) {
        guard blocks[request.name] == nil else { throw .nameTaken(request.name) }
        let block = try place(request)
        if request.zero { heap.memory.write([UInt8](repeating: 0, count: Int(block.range.size)), at: block.range.start) }
        var object = TrackedObject(
            pointer: block.range.start, size: block.range.size, minCount: request.minCount, jiffies: heap.jiffies)
        object.pid = currentTask?.pid ?? 0
        object.comm = Comm(currentTask?.comm ?? "swapper/0")
        object.trace = heap.traces.insert(request.backtrace)
        heap.objects.append(object)
        blocks[request.name] = block
    }

    private mutating func place(_ request: Request) throws(Failure) -> Block {
        if let address = request.address {
            let range = AddressRange(start: address, size: request.size)
            if areas.contains(where: { $0.contains(range) }) {
                // Slab objects never stand in an area.
                if let other = blocks.values.first(where: { $0.cache == nil && $0.range.overlaps(range) }) {
                    throw .overlapsObject(other.range.start)
                }
                return Block(range: range, cache: nil)
            }
        }
        guard let size = request.cache == nil ? SlabAllocator.kmallocSize(request.size) : request.size else {
            throw .slab(.tooLarge)
        }
        let cache = request.cache ?? "kmalloc-\(size)"
        let slot: SlabAllocator.Slot
        do { slot = try slabs.allocate(cache: cache, objectSize: size, at: request.address) } catch { throw .slab(error) }
        if let pages = slot.newPages { try add(pages) }
        return Block(range: AddressRange(start: slot.address, size: slot.size), cache: cache)
    }

    /// `kmemleak_free()`. The bytes stay as they are.
    package mutating func free(_ name: String) throws(Failure) {
        let id = try object(name)
        if let block = blocks.removeValue(forKey: name), let cache = block.cache {
            slabs.free(block.range.start, cache: cache)
        }
        heap.objects.remove(id)
    }

    /// `kmemleak_not_leak()`: gray for ever.
    package mutating func notLeak(_ name: String) throws(Failure) { heap.objects.minCounts[try object(name).index] = 0 }

    /// `kmemleak_ignore()`: black, and not scanned.
    package mutating func ignore(_ name: String) throws(Failure) {
        let id = try object(name)
        heap.objects.minCounts[id.index] = -1
        heap.objects.flags[id.index].insert(.noScan)
    }

    /// `kmemleak_no_scan()`: may be referenced, contents not read.
    package mutating func noScan(_ name: String) throws(Failure) {
        heap.objects.flags[try object(name).index].insert(.noScan)
    }

    /// `kmemleak_scan_area()`: of this object only its scan areas are read. An area of no bytes does nothing.
    package mutating func scanArea(_ name: String, offset: UInt64, size: UInt64) throws(Failure) {
        let id = try object(name)
        let range = heap.objects.range(of: id)
        let area = AddressRange(start: range.start + offset, size: size)
        guard range.contains(area) else { throw .areaTooLarge(range.size) }
        if size > 0 { heap.objects.areas[id, default: []].insert(area, at: 0) }
    }

    private func object(_ name: String) throws(Failure) -> ObjectID {
        guard let block = blocks[name], let row = heap.objects.pointers.firstIndex(of: block.range.start) else {
            throw .unknown(name)
        }
        return ObjectID(row)
    }

    /// What the live objects are called: the scenario's, and sections.
    package var names: [String: Address] { blocks.mapValues(\.range.start).merging(sectionNames) { block, _ in block } }

    /// The block of a live object.
    package func range(of name: String) -> AddressRange? { blocks[name]?.range }

    // MARK: Memory

    package mutating func write(_ bytes: [UInt8], at address: Address) throws(Failure) {
        guard AddressRange(start: address, size: UInt64(bytes.count)).isValid, heap.memory.write(bytes, at: address) else {
            throw .unmapped(address)
        }
    }

    /// Writes a pointer-sized word.
    package mutating func write(word: UInt64, at address: Address) throws(Failure) {
        try write((0..<heap.profile.wordSize).map { UInt8(truncatingIfNeeded: word >> (8 * UInt64($0))) }, at: address)
    }
}
