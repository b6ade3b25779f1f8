/// A kernel that exists only here: its allocators, tasks and modules, without kmemleak.
///
/// What it does changes the heap's memory, roots and symbols, and is told as the hooks of kmemleak that it calls: whoever
/// runs it passes them on. Deterministic: the same calls give the same addresses and bytes on every machine.
package struct SimulatedKernel: Sendable {
    package let profile: KernelProfile
    package let layout: KernelLayout
    /// By ascending pid.
    package private(set) var tasks: [Task]
    /// Who runs; nil: the idle task.
    package private(set) var currentTask: Task?
    package var interrupt = Scenario.Interrupt.none

    /// What is allocated, by name.
    private var blocks: [String: Block] = [:]
    private var modules: [String: AddressRange] = [:]
    private var slabs: SlabAllocator
    private var vmalloc: VmallocAllocator
    private var moduleSpace: VmallocAllocator
    private var perCPU: PerCPUAllocator
    private var vmapAreas: VmapAreaList?
    /// Memory that is no root, where objects with a fixed address may stand.
    private let areas: [AddressRange]

    /// Something allocated.
    private struct Block: Sendable {
        /// As the kernel's pointer to it has it: virtual, physical or a per-CPU offset.
        let range: AddressRange
        let origin: Origin

        var isInArea: Bool { if case .area = origin { true } else { false } }
    }

    private enum Origin: Sendable {
        case slab(isUntracked: Bool)
        /// In memory of kind `area`.
        case area
        case vmalloc, perCPU, phys
    }

    /// At most this much memory is simulated, in bytes.
    package static let memoryLimit: UInt64 = 256 << 20

    /// - Parameter sections: root sections; a scan takes them by kind, those of a kind in this order.
    package init(
        profile: KernelProfile, linearMap: AddressRange, sections: [Root], areas: [AddressRange], tasks: [Task],
        caches: [String: SlabCache] = [:], cpuCount: Int = 1, in heap: inout Heap
    ) throws(Failure) {
        self.profile = profile
        layout = KernelLayout(profile: profile, cpuCount: cpuCount)
        self.areas = areas
        self.tasks = tasks.sorted { $0.pid < $1.pid }
        currentTask = self.tasks.first
        slabs = SlabAllocator(linearMap: linearMap, profile: profile)
        let standing = sections.map(\.range) + areas + self.tasks.map(\.stack)
        for range in standing { slabs.pages.reserve(range) }
        vmalloc = VmallocAllocator(space: layout.vmalloc, reserved: standing + [layout.image.range])
        moduleSpace = VmallocAllocator(space: layout.modules, reserved: standing)
        perCPU = PerCPUAllocator(layout: layout.perCPU)
        heap.memory.limit = Self.memoryLimit
        heap.perCPUOffsets = layout.perCPU.offsets
        heap.physToVirt = layout.linearMap.start - layout.memory.start
        vmapAreas = sections.first { $0.name == VmapAreaList.rootName }.map {
            VmapAreaList(root: $0.range.start, wordSize: profile.wordSize)
        }
        let stacks = self.tasks.map(\.root)
        let ordered = Root.Kind.allCases.flatMap { kind in sections.filter { $0.kind == kind } }
        for range in (ordered + stacks).map(\.range) + areas { try add(range, to: &heap) }
        heap.roots = ordered + stacks
        do {
            for (name, cache) in caches.sorted(by: { $0.key < $1.key }) { try slabs.declare(name, cache) }
        } catch { throw .allocation(error) }
    }

    private func add(_ range: AddressRange, to heap: inout Heap) throws(Failure) {
        guard range.size <= heap.memory.room else { throw .allocation(.memoryLimit) }
        guard heap.memory.add(range) else { throw .overlapsMemory(range) }
    }

    // MARK: Who runs

    /// False when there is no such task.
    package mutating func run(pid: Int32) -> Bool {
        guard let task = tasks.first(where: { $0.pid == pid }) else { return false }
        currentTask = task
        return true
    }

    /// Whom kmemleak blames for what happens now.
    package func caller(_ backtrace: [Address] = []) -> Caller {
        let context: Caller.Context = switch interrupt {
        case .hardirq: .hardirq
        case .softirq: .softirq
        case .none: .task(pid: currentTask?.pid ?? 0, comm: currentTask?.comm ?? "swapper/0")
        }
        return Caller(context, backtrace: backtrace)
    }

    package mutating func fork(pid: Int32, comm: String, stack: Address?, in heap: inout Heap) throws(Failure) {
        guard !tasks.contains(where: { $0.pid == pid }) else { throw .pidTaken(pid) }
        let size = Task.stackSize
        let range: AddressRange
        if let stack {
            range = AddressRange(start: stack, size: size)
            try add(range, to: &heap)
            vmalloc.reserve(range)
        } else {
            do { range = try vmalloc.allocate(size, alignment: size, memory: &heap.memory) } catch { throw .allocation(error) }
        }
        let task = Task(pid: pid, comm: comm, stack: range, isStackAllocated: stack == nil)
        let place = tasks.firstIndex { $0.pid > pid } ?? tasks.count
        heap.roots.insert(task.root, at: heap.roots.count - (tasks.count - place))
        tasks.insert(task, at: place)
    }

    /// The task and its stack go; the idle task runs if it was running.
    package mutating func exit(pid: Int32, in heap: inout Heap) throws(Failure) {
        guard let place = tasks.firstIndex(where: { $0.pid == pid }) else { throw .noTask(pid) }
        let task = tasks.remove(at: place)
        heap.roots.removeAll { $0.kind == .stack && $0.pid == pid }
        if task.isStackAllocated {
            do { try vmalloc.free(task.stack.start, memory: &heap.memory) } catch { throw .allocation(error) }
        }
        if currentTask?.pid == pid { currentTask = nil }
    }

    // MARK: Allocations

    /// What an allocation asks for.
    package struct Request: Sendable {
        package var name: String
        package var size: UInt64
        /// nil: kmalloc, from the cache of the next size.
        package var cache: String?
        package var address: Address?
        package var minCount: Int32 = 1
        /// Whether the block is cleared; otherwise it holds what was there before.
        package var zero = true

        package init(name: String, size: UInt64) {
            self.name = name
            self.size = size
        }
    }

    /// A block of a slab cache, or of an area when its address lies in one.
    package mutating func alloc(_ request: Request, in heap: inout Heap) throws(Failure) -> [Hook] {
        guard blocks[request.name] == nil else { throw .nameTaken(request.name) }
        let block = try place(request, in: &heap)
        blocks[request.name] = block
        if case .slab(isUntracked: true) = block.origin { return [] }
        return [.alloc(block.range, minCount: request.minCount)]
    }

    private mutating func place(_ request: Request, in heap: inout Heap) throws(Failure) -> Block {
        if let address = request.address {
            let range = AddressRange(start: address, size: request.size)
            if areas.contains(where: { $0.contains(range) }) {
                if let other = blocks.values.first(where: { block in block.isInArea && block.range.overlaps(range) }) {
                    throw .overlapsObject(other.range.start)
                }
                if request.zero { heap.memory.clear(range) }
                return Block(range: range, origin: .area)
            }
        }
        do {
            guard let cache = request.cache else {
                let range = try slabs.kmalloc(request.size, at: request.address, zero: request.zero, memory: &heap.memory)
                return Block(range: range, origin: .slab(isUntracked: false))
            }
            let range = try slabs.allocate(
                cache: cache, objectSize: request.size, at: request.address, zero: request.zero, memory: &heap.memory)
            return Block(range: range, origin: .slab(isUntracked: slabs.cache(cache)?.isUntracked ?? false))
        } catch { throw .allocation(error) }
    }

    /// vmalloc(): pages with a guard page behind them, a vm_struct that holds their address, and a vmap_area by which
    /// the kernel finds the vm_struct.
    package mutating func vmalloc(_ request: Request, in heap: inout Heap) throws(Failure) -> [Hook] {
        try vmalloc(request, from: \.vmalloc, in: &heap)
    }

    private mutating func vmalloc(
        _ request: Request, from space: WritableKeyPath<Self, VmallocAllocator>, in heap: inout Heap
    ) throws(Failure) -> [Hook] {
        guard blocks[request.name] == nil else { throw .nameTaken(request.name) }
        let range: AddressRange
        do {
            range = try self[keyPath: space].allocate(request.size, at: request.address, memory: &heap.memory)
        } catch { throw .allocation(error) }
        var hooks: [Hook] = []
        for (suffix, size, cache) in VmapAreaList.structures {
            var structure = Request(name: request.name + suffix, size: size)
            structure.cache = cache
            hooks += try alloc(structure, in: &heap)
        }
        guard let area = blocks[request.name + ".vmap_area"]?.range, let structure = blocks[request.name + ".vm_struct"]?.range
        else { throw .unknown(request.name) }
        vmapAreas?.add(area.start, of: range, structure: structure.start, in: &heap.memory)
        blocks[request.name] = Block(range: range, origin: .vmalloc)
        // Of the vmap_area the first words are not scanned: they hold the block's address, too.
        hooks.append(.scanArea(AddressRange(start: area.start + VmapAreaList.scannedFrom, size: .max)))
        return hooks + [profile.style.hasExcessReferences ? .vmalloc(range, area: structure.start) : .alloc(range, minCount: 2)]
    }

    /// Gives back a vmalloc()ed block's structures.
    private mutating func freeStructures(of name: String, in heap: inout Heap) throws(Failure) -> [Hook] {
        if let area = blocks[name + ".vmap_area"]?.range { vmapAreas?.remove(area.start, in: &heap.memory) }
        var hooks: [Hook] = []
        for (suffix, _, _) in VmapAreaList.structures { hooks += try free(name + suffix, in: &heap) }
        return hooks
    }

    /// alloc_percpu(): so many bytes on each CPU.
    package mutating func allocPerCPU(_ request: Request, in heap: inout Heap) throws(Failure) -> [Hook] {
        guard blocks[request.name] == nil else { throw .nameTaken(request.name) }
        let range: AddressRange
        do { range = try perCPU.allocate(request.size, memory: &heap.memory) } catch { throw .allocation(error) }
        blocks[request.name] = Block(range: range, origin: .perCPU)
        return [.allocPerCPU(range)]
    }

    /// memblock_alloc(): memory by its physical address. What lies outside of the linear map cannot be written to.
    package mutating func allocPhys(_ request: Request, in heap: inout Heap) throws(Failure) -> [Hook] {
        guard blocks[request.name] == nil else { throw .nameTaken(request.name) }
        var range = AddressRange(start: request.address ?? Address(0), size: request.size)
        // kmemleak adds this to find its bytes, wherever it lies.
        let offset = layout.linearMap.start - layout.memory.start
        guard range.isValid, AddressRange(start: range.start + offset, size: range.size).isValid else { throw .allocation(.outside) }
        if request.address == nil || layout.virtual(range.start).map(slabs.pages.linearMap.contains) == true {
            let page = KernelLayout.pageSize, count = (range.start.rawValue % page + range.size + page - 1) / page
            let fixed = request.address.flatMap(layout.virtual).map { Address($0.rawValue / page * page) }
            do {
                let pages = try slabs.pages.allocate(count, at: fixed, memory: &heap.memory)
                if request.address == nil, let start = layout.physical(pages.start) { range.start = start }
            } catch { throw .allocation(error) }
        }
        blocks[request.name] = Block(range: range, origin: .phys)
        return [.allocPhys(range, minCount: request.minCount)]
    }

    /// Gives back what has this name. The bytes stay, unless the memory itself goes.
    package mutating func free(_ name: String, in heap: inout Heap) throws(Failure) -> [Hook] {
        guard let block = blocks.removeValue(forKey: name) else { throw .unknown(name) }
        let start = block.range.start
        do {
            switch block.origin {
            case .area: return [.free(start)]
            case .slab(let isUntracked):
                try slabs.free(start, memory: &heap.memory)
                return isUntracked ? [] : [.free(start)]
            case .vmalloc:
                try vmalloc.free(start, memory: &heap.memory)
                return try [.free(start)] + freeStructures(of: name, in: &heap)
            case .perCPU:
                try perCPU.free(start)
                return [.freePerCPU(start)]
            case .phys: return [.freePartPhys(block.range)]
            }
        } catch let failure as AllocationFailure {
            throw .allocation(failure)
        } catch let failure as Failure {
            throw failure
        } catch {
            preconditionFailure("\(error)")
        }
    }

    // MARK: Modules

    /// Loads a module: its core is vmalloc()ed, no leak, and of it only its writable section is scanned.
    package mutating func load(
        _ request: Request, data: AddressRange?, in heap: inout Heap
    ) throws(Failure) -> [Hook] {
        var hooks = try vmalloc(request, from: \.moduleSpace, in: &heap)
        guard let core = blocks[request.name]?.range else { throw .unknown(request.name) }
        modules[request.name] = core
        hooks.append(.notLeak(core.start))
        // Without a writable section nothing of the module is scanned.
        if let data { hooks.append(.scanArea(AddressRange(start: core.start + data.start.rawValue, size: data.size))) } else {
            hooks.append(.noScan(core.start))
        }
        return hooks
    }

    /// Unloads a module. Its functions have no names any more.
    package mutating func unload(_ name: String, in heap: inout Heap) throws(Failure) -> [Hook] {
        guard let core = modules.removeValue(forKey: name) else { throw .unknown(name) }
        heap.symbols.forget(core)
        blocks[name] = nil
        do { try moduleSpace.free(core.start, memory: &heap.memory) } catch { throw .allocation(error) }
        return try [.free(core.start)] + freeStructures(of: name, in: &heap)
    }

    // MARK: Names

    /// What the live blocks are called, with the kernel's pointer to each.
    package var names: [String: Address] { blocks.mapValues(\.range.start) }

    /// The block of a name, as the kernel's pointer to it has it; nil when there is none.
    package func range(of name: String) -> AddressRange? { blocks[name]?.range }

    /// Where a block's bytes stand: on a CPU, else on the first one, if it is a per-CPU block. Others have no copies.
    package func bytes(of name: String, cpu: Int?) -> AddressRange? {
        guard let block = blocks[name] else { return nil }
        switch block.origin {
        case .slab, .area, .vmalloc: return cpu == nil ? block.range : nil
        case .phys where cpu != nil: return nil
        case .phys: return layout.virtual(block.range.start).map { AddressRange(start: $0, size: block.range.size) }
        case .perCPU:
            let cpu = cpu ?? 0
            guard (0..<layout.perCPU.cpuCount).contains(cpu) else { return nil }
            return AddressRange(start: layout.perCPU.address(of: block.range.start, cpu: cpu), size: block.range.size)
        }
    }
}
