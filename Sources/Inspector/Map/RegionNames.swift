import HeapModel

/// What the parts of a kernel's address space are called.
struct RegionNames {
    private let roots: [Root]
    private let layers: [ObjectLayer]
    private let occupied: Extents
    /// Parts of the address space, those that lie inside of another first. A kernel with KASLR has them elsewhere.
    private let parts: [(name: String, range: AddressRange)]

    init(_ heap: Heap, layers: [ObjectLayer], occupied: Extents) {
        roots = heap.roots.filter { $0.range.size > 0 }
        self.layers = layers
        self.occupied = occupied
        let cpus = KernelLayout.cpuCounts
        let layout = KernelLayout(
            profile: heap.profile,
            cpuCount: min(max(heap.perCPUOffsets?.count ?? 1, cpus.lowerBound), cpus.upperBound))
        let pageCount = layout.memory.size / KernelLayout.pageSize
        parts = heap.profile.wordSize < 8 ? [] : [
            ("kernel image", layout.image.range), ("modules", layout.modules), ("linear map", layout.linearMap),
            ("struct pages", AddressRange(start: layout.vmemmap, size: pageCount * KernelLayout.structPageSize)),
            ("vmalloc", layout.vmalloc),
            ("per-CPU chunk", AddressRange(
                start: layout.perCPU.dynamicBase(cpu: 0), size: layout.perCPU.dynamic.size * UInt64(layout.perCPU.cpuCount))),
        ]
    }

    /// The names of regions that ascend and do not overlap.
    func names(of regions: [ClosedRange<UInt64>]) -> [String?] {
        var members = Array(repeating: [Root](), count: regions.count)
        for root in roots {
            let place = regions.rank { $0.lowerBound <= root.range.start.rawValue }
            if place >= 0 { members[place].append(root) }
        }
        return zip(regions, members).map(name)
    }

    private func name(of region: ClosedRange<UInt64>, _ roots: [Root]) -> String? {
        let part = parts.first { $0.range.contains(Address(region.lowerBound)) }?.name
        let found = [Self.name(of: roots), copies(in: region)].compactMap { $0 }.joined(separator: ", ")
        guard !found.isEmpty else { return part }
        // Where there is nothing else the part that it lies in tells little.
        let isAll = layers.allSatisfy { $0.cpu != nil || $0.count(in: region) == 0 }
        return isAll ? found : [part, found].compactMap { $0 }.joined(separator: ": ")
    }

    /// ".data, .bss", "stack of init/1", "stacks of 12 tasks".
    private static func name(of roots: [Root]) -> String? {
        let words = Root.Kind.allCases.compactMap { kind -> String? in
            let roots = roots.filter { $0.kind == kind }
            guard let first = roots.first else { return nil }
            switch kind {
            case .data, .bss: return roots.count == 1 ? first.name : "\(first.name) and \(roots.count - 1) more"
            case .percpu: return roots.count == 1 ? "per-CPU data, \(first.name)" : "per-CPU data, \(roots.count) CPUs"
            case .structPage: return "struct pages"
            case .stack:
                guard roots.count == 1 else { return "stacks of \(roots.count) tasks" }
                return "stack of \(first.name)" + (first.pid.map { "/\($0)" } ?? "")
            }
        }
        return words.isEmpty ? nil : words.joined(separator: ", ")
    }

    /// "copies of cpu 0": whose copies of PERCPU objects are in a region.
    private func copies(in region: ClosedRange<UInt64>) -> String? {
        let cpus = layers.filter { $0.cpu != nil && $0.count(in: region) > 0 }.compactMap(\.cpu)
        guard let first = cpus.first else { return nil }
        return cpus.count == 1 ? "per-CPU copies, cpu \(first)" : "per-CPU copies, \(cpus.count) CPUs"
    }
}
