/// kmemleak's records of a generated heap: who allocated what, when, and what it was like at the last scan.
struct GeneratedRecords {
    private(set) var heap: Heap

    private let layout: GeneratedLayout
    private let fates: GeneratedFates
    private let tasks: [GeneratedTask]
    private let bytes: UnsafeRawBufferPointer
    private var code: GeneratedCode
    private var random: SplitMix64
    /// What lost an object, by slot: its trace and task.
    private var causes: [Int: Cause] = [:]

    private struct Cause {
        var trace: TraceID?
        var task: GeneratedTask
    }

    private static let hz: UInt64 = 250
    /// In seconds: how long the kernel has been up, how long booting took, how long ago the last scan was.
    private static let uptime: UInt64 = 86_400, boot: UInt64 = 4, sinceLastScan: UInt64 = 400

    init(
        _ layout: GeneratedLayout, _ fates: GeneratedFates, _ tasks: [GeneratedTask], _ lostGroups: [[Int]],
        bytes: UnsafeRawBufferPointer, code: GeneratedCode, _ random: SplitMix64
    ) {
        self.layout = layout
        self.fates = fates
        self.tasks = tasks
        self.bytes = bytes
        self.code = code
        self.random = random
        let profile = KernelProfile(release: "6.12.30", architecture: .x86_64, hz: Self.hz)
        heap = Heap(profile: profile, jiffies: .atBoot(hz: Self.hz) + Self.uptime * Self.hz)
        heap.lastScan = Jiffies(heap.jiffies.rawValue - Self.sinceLastScan * Self.hz)
        heap.physToVirt = GeneratedLayout.physToVirt
        heap.lowPageFrames = 1...layout.lastLowPage
        heap.perCPUOffsets = layout.perCPUOffsets
        heap.roots = layout.roots.map(\.root)
        findCauses(lostGroups)
        record()
        heap.symbols = self.code.symbols
        heap.traces = self.code.traces
    }

    /// Few bugs lose many objects: each has a task, a trace for what is lost, and one for what goes with it.
    private mutating func findCauses(_ groups: [[Int]]) {
        var count = 1
        while count * count < groups.count, count < 64 { count += 1 }
        let bugs: [(head: Cause, rest: Cause)] = (0..<count).map { _ in
            let task = someTask()
            let allocations: [GeneratedCode.Allocation] = [.kmalloc, .kmalloc, .cache]
            let traces = (0..<2).map { _ in
                code.leakingTrace(task.context, allocations[random.below(allocations.count)], &random)
            }
            return (Cause(trace: traces[0], task: task), Cause(trace: traces[1], task: task))
        }
        for group in groups {
            let bug = bugs[random.skewed(bugs.count)]
            for (number, slot) in group.enumerated() { causes[slot] = number == 0 ? bug.head : bug.rest }
        }
        for (kind, allocation) in [(GeneratedLayout.Kind.vmalloc, GeneratedCode.Allocation.vmalloc), (.percpu, .percpu)] {
            let task = someTask(), cause = Cause(trace: code.leakingTrace(task.context, allocation, &random), task: task)
            for row in fates.leaks {
                let slot = Int(fates.rows[row])
                if layout.kinds[slot] == kind { causes[slot] = cause }
            }
        }
    }

    private mutating func someTask() -> GeneratedTask { tasks[random.skewed(tasks.count)] }

    private mutating func record() {
        heap.objects.reserveCapacity(layout.count)
        let descriptors = Dictionary(uniqueKeysWithValues: fates.areas.map { ($0.descriptor, $0.block) })
        let comms = tasks.map { Comm($0.comm) }
        for (row, slot) in fates.rows.lazy.map(Int.init).enumerated() {
            let jiffies = time(ofRow: row)
            var object = TrackedObject(
                pointer: Address(layout.starts[slot]), size: UInt64(layout.sizes[slot]), minCount: minCount(slot),
                flags: flags(slot), jiffies: jiffies)
            if let block = descriptors[slot] { object.excessReference = Address(layout.starts[block]) }
            let wasThere = heap.lastScan?.isAtOrAfter(jiffies) ?? false
            object.count = wasThere ? max(0, object.minCount) : 0
            object.checksum = checksum(slot)
            if let cause = causes[slot] {
                (object.pid, object.comm, object.trace) = (cause.task.pid, Comm(cause.task.comm), cause.trace)
            } else if layout.kinds[slot] == .phys {
                // Before there were tasks, or a stack depot.
                (object.pid, object.comm) = (0, Comm("swapper"))
            } else {
                let number = row < layout.count / 10 ? 0 : random.skewed(tasks.count)
                (object.pid, object.comm) = (tasks[number].pid, comms[number])
                object.trace = code.trace(tasks[number].context, allocation(slot), &random)
            }
            heap.objects.append(object)
            if let areas = areas(slot) { heap.objects.areas[ObjectID(row)] = areas }
        }
    }

    // MARK: Fields

    /// A tenth of the objects is as old as the kernel, the others came ever since, the last of them within 5 s.
    private func time(ofRow row: Int) -> Jiffies {
        let early = layout.count / 10, first = fates.firstYoungRow
        let boot = Self.boot * Self.hz, oldest = (Self.uptime - 6) * Self.hz
        let ticks = if row < early {
            boot * UInt64(row) / UInt64(max(early, 1))
        } else if row < first {
            boot + (oldest - boot) * UInt64(row - early) / UInt64(max(first - early, 1))
        } else {
            (Self.uptime - 4) * Self.hz + 4 * Self.hz * UInt64(row - first) / UInt64(max(layout.count - first, 1))
        }
        return .atBoot(hz: Self.hz) + ticks
    }

    private func minCount(_ slot: Int) -> Int32 {
        switch fates.fates[slot] {
        case .gray: 0
        case .black: -1
        default: layout.kinds[slot] == .vmalloc ? 2 : 1
        }
    }

    private func flags(_ slot: Int) -> ObjectFlags {
        var flags: ObjectFlags = .allocated
        if fates.readings[slot] == .nothing { flags.insert(.noScan) }
        if layout.kinds[slot] == .phys { flags.insert(.phys) }
        if layout.kinds[slot] == .percpu { flags.insert(.perCPU) }
        return flags
    }

    private func allocation(_ slot: Int) -> GeneratedCode.Allocation {
        switch layout.kinds[slot] {
        case .vmalloc: .vmalloc
        case .percpu: .percpu
        case .slab, .phys: GeneratedCache.all[Int(layout.caches[slot])].isKmalloc ? .kmalloc : .cache
        }
    }

    /// Newest first.
    private func areas(_ slot: Int) -> [AddressRange]? {
        let reading = fates.readings[slot]
        guard reading == .area || reading == .twoAreas else { return nil }
        let start = Address(layout.starts[slot]), size = Int(layout.sizes[slot]), middle = GeneratedHeap.middle(ofSize: size)
        let whole = AddressRange(start: start + UInt64(middle.lowerBound), size: UInt64(middle.count))
        return reading == .area ? [whole] : [AddressRange(start: start + UInt64(size - 16), size: 16), whole]
    }

    /// Of what is lost, that of its contents, so that a scan does not take it for in use; otherwise as for a new object.
    private func checksum(_ slot: Int) -> UInt32 {
        guard [.lost, .young, .moving].contains(fates.fates[slot]) else { return 0 }
        let place = layout.places[slot], size = Int(layout.sizes[slot])
        let copies = layout.kinds[slot] == .percpu ? layout.perCPUOffsets.indices : 0..<1
        let checksum = copies.reduce(0 as UInt32) { checksum, cpu in
            var crc = CRC32()
            let from = place + cpu * layout.copyDistance
            crc.update(UnsafeRawBufferPointer(rebasing: bytes[from..<from + size]))
            return checksum ^ crc.value
        }
        return fates.fates[slot] == .moving ? ~checksum : checksum
    }
}
