/// A kernel that exists only here: a heap that grows by the hooks kmemleak sees, a clock and a log.
///
/// Deterministic: the same calls give the same addresses, bytes and jiffies on every machine.
package struct SimulatedKernel: Sendable {
    package private(set) var heap: Heap
    /// Time since boot; `heap.jiffies` is the same, cut to jiffies.
    package private(set) var uptime = Microseconds(0)
    package private(set) var log: [LogLine] = []
    /// What the scenario calls its live objects.
    package private(set) var names: [String: Address] = [:]
    package let tasks: [Task]
    /// Blamed for allocations.
    package var currentTask: Task?

    private var slabs: SlabAllocator
    /// By name: the cache of each live object, nil for one in an area of its own.
    private var caches: [String: String] = [:]
    /// Memory that is no root, where objects with a fixed address may stand: vmalloc space, say.
    private let areas: [AddressRange]

    /// At most this much memory is simulated, in bytes.
    package static let memoryLimit: UInt64 = 256 << 20

    package enum Failure: Error, Sendable {
        case slab(SlabAllocator.Failure)
        case overlapsMemory(AddressRange)
        case overlapsObject(Address)
        case outOfMemory
        case unknown(String)
        case nameTaken(String)
        case unmapped(Address)
    }

    /// - Parameter sections: root sections, in the order of the scan.
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
        heap.roots = ordered + stacks
        currentTask = self.tasks.first
    }

    private mutating func add(_ range: AddressRange) throws(Failure) {
        guard range.size <= Self.memoryLimit, heap.memory.byteCount + range.size <= Self.memoryLimit else { throw .outOfMemory }
        guard heap.memory.add(range) else { throw .overlapsMemory(range) }
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
    package mutating func allocate(_ request: Request) throws(Failure) {
        guard names[request.name] == nil else { throw .nameTaken(request.name) }
        let range: AddressRange
        if let address = request.address, areas.contains(where: { $0.contains(AddressRange(start: address, size: request.size)) }) {
            range = AddressRange(start: address, size: request.size)
        } else {
            range = try allocateSlot(request)
        }
        if let other = heap.objects.ids.first(where: { heap.objects.range(of: $0).overlaps(range) }) {
            throw .overlapsObject(heap.objects.pointers[other.index])
        }
        if request.zero { heap.memory.write([UInt8](repeating: 0, count: Int(range.size)), at: range.start) }
        var object = TrackedObject(pointer: range.start, size: range.size, minCount: request.minCount, jiffies: heap.jiffies)
        object.pid = currentTask?.pid ?? 0
        object.comm = Comm(currentTask?.comm ?? "swapper")
        object.trace = heap.traces.insert(request.backtrace)
        heap.objects.append(object)
        names[request.name] = range.start
    }

    private mutating func allocateSlot(_ request: Request) throws(Failure) -> AddressRange {
        guard let size = request.cache == nil ? SlabAllocator.kmallocSize(request.size) : request.size else {
            throw .slab(.tooLarge)
        }
        let cache = request.cache ?? "kmalloc-\(size)"
        let slot: SlabAllocator.Slot
        do { slot = try slabs.allocate(cache: cache, objectSize: size, at: request.address) } catch { throw .slab(error) }
        if let pages = slot.newPages { try add(pages) }
        caches[request.name] = cache
        return AddressRange(start: slot.address, size: slot.size)
    }

    /// `kmemleak_free()`. The bytes stay as they are.
    package mutating func free(_ name: String) throws(Failure) {
        let id = try object(name)
        if let cache = caches.removeValue(forKey: name) { slabs.free(heap.objects.pointers[id.index], cache: cache) }
        heap.objects.remove(id)
        names[name] = nil
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

    private func object(_ name: String) throws(Failure) -> ObjectID {
        guard let address = names[name], let id = heap.objects.ids.first(where: { heap.objects.pointers[$0.index] == address })
        else { throw .unknown(name) }
        return id
    }

    /// The block of a named object.
    package func range(of name: String) -> AddressRange? {
        guard let id = try? object(name) else { return nil }
        return heap.objects.range(of: id)
    }

    // MARK: Memory

    package mutating func write(_ bytes: [UInt8], at address: Address) throws(Failure) {
        guard heap.memory.write(bytes, at: address) else { throw .unmapped(address) }
    }

    /// Writes a pointer-sized word.
    package mutating func write(word: UInt64, at address: Address) throws(Failure) {
        guard heap.memory.write(word: word, size: heap.profile.wordSize, at: address) else { throw .unmapped(address) }
    }
}

extension SimulatedKernel.Failure: CustomStringConvertible {
    package var description: String {
        switch self {
        case .slab(.tooLarge): "the size must be from 1 to 8192 bytes, or up to 16 MiB with a cache of its own"
        case .slab(.wrongSize(let size)): "this cache has objects of \(size) bytes"
        case .slab(.outOfMemory): "the linear map has no room for another page"
        case .slab(.notASlot): "the address is not where an object of this cache can begin"
        case .slab(.inUse): "the address is in use already, or belongs to another cache"
        case .overlapsMemory(let range): "memory at \(range.start) (size \(range.size)) overlaps memory that is there already"
        case .overlapsObject(let address): "the block overlaps the live object at \(address)"
        case .outOfMemory: "more than \(SimulatedKernel.memoryLimit >> 20) MiB of memory"
        case .unknown(let name): "no live object is called \"\(name)\""
        case .nameTaken(let name): "a live object is called \"\(name)\" already"
        case .unmapped(let address): "there is no memory at \(address)"
        }
    }
}
