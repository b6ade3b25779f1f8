import HeapModel

extension ObjectIndex {
    /// What a word with this value points into: an ordinary object, a PERCPU object, or both. Interior addresses count;
    /// PHYS objects are never found by value (`kmemleak.md`, section 5).
    package func targets(of word: UInt64) -> WordTargets {
        WordTargets(
            virtual: virtual.object(containing: Address(word)), percpu: percpu.object(containing: Address(word)))
    }
}

/// The objects that a word points into, at most one in each of the two trees that are looked in.
package struct WordTargets: Sequence, IteratorProtocol, Sendable {
    private var virtual: ObjectID?
    private var percpu: ObjectID?

    init(virtual: ObjectID?, percpu: ObjectID?) {
        self.virtual = virtual
        self.percpu = percpu
    }

    /// The ordinary object first.
    package mutating func next() -> ObjectID? {
        defer { if virtual != nil { virtual = nil } else { percpu = nil } }
        return virtual ?? percpu
    }
}

extension Heap {
    /// At least as many words as a scan examines; no more than `UInt64.max`.
    ///
    /// A recording counts its steps in 32 bits, and blocks of a file that is not to be trusted may overlap at will:
    /// what is above `scanWordLimit` must not be scanned.
    package var scanWordBound: UInt64 {
        let held = memory.byteCount
        var bytes: UInt64 = 0
        func add(_ size: UInt64, times: Int = 1) {
            let (product, tooLarge) = min(size, held).multipliedReportingOverflow(by: UInt64(times))
            let (sum, carried) = bytes.addingReportingOverflow(product)
            bytes = tooLarge || carried ? .max : sum
        }
        for root in roots { add(root.range.size) }
        let sizes = objects.sizes, flags = objects.flags, areas = objects.areas
        let physicalCopies = physToVirt == nil ? 0 : 1, copiesOfCPUs = perCPUOffsets?.count ?? 0
        for row in flags.indices {
            if !areas.isEmpty, let own = areas[ObjectID(row)], !own.isEmpty {
                for area in own { add(area.size) }
                guard flags[row].contains(.fullScan) else { continue }
            }
            switch ObjectKind(flags[row]) {
            case .virtual: add(sizes[row])
            case .phys: add(sizes[row], times: physicalCopies)
            case .percpu: add(sizes[row], times: copiesOfCPUs)
            }
        }
        return bytes / UInt64(profile.wordSize)
    }

    /// Half of what 32 bits count, which leaves room for the steps that are no words.
    package static let scanWordLimit: UInt64 = 1 << 31

    /// PHYS objects outside low memory turn black, as every scan's first step makes them; NO_SCAN ones are left alone.
    mutating func paintOutsideLowMemory(threads: Int = 1) {
        guard let low = lowPageFrames else { return }
        let scanned = objects.withColumns { $0.rows(with: .phys, of: [.phys, .noScan]) }
        let outside = scanned.filter { row in
            let range = objects.range(of: ObjectID(row))
            return range.start.rawValue >> pageShift < low.lowerBound || range.end.rawValue >> pageShift > low.upperBound
        }
        objects.minCounts.changeCopy(at: outside, threads: threads) { $0 = -1 }
        objects.flags.changeCopy(at: outside, threads: threads) { $0.insert(.noScan) }
    }

    /// An object younger than this at the start of a scan is not reported by it (MSECS_MIN_AGE), in seconds.
    package static let minimumAge: UInt64 = 5

    /// Whether the object was at least 5 s old when the scan began; compared with wrap-around.
    package func isOldEnough(_ id: ObjectID, lastScan: Jiffies) -> Bool {
        lastScan.isAtOrAfter(objects.jiffies[id.index] + Self.minimumAge * profile.hz)
    }

    /// `unreferenced_object()`: white, allocated, and old enough at the last scan.
    package func isUnreferenced(_ id: ObjectID) -> Bool {
        guard let lastScan else { return false }
        return objects.colour(of: id) == .white && objects.flags[id.index].contains(.allocated)
            && isOldEnough(id, lastScan: lastScan)
    }

    /// What any scan so far has reported, in creation order.
    package var reportedObjects: [ObjectID] {
        objects.flags.withUnsafeBufferPointer { flags in
            flags.indices.lazy.filter { flags[$0].contains(.reported) }.map { ObjectID($0) }
        }
    }

    /// What reading the control file lists, in creation order: reported, and still unreferenced.
    package var reportedLeaks: [ObjectID] { reportedObjects.filter(isUnreferenced) }

    /// What a scan reads of an object once it is reached, and whether in chunks (`scan_object()`); NO_SCAN is not looked at.
    /// - Parameter range: the object's, where that is at hand.
    package func scannedParts(of id: ObjectID, at range: AddressRange? = nil) -> (ranges: [AddressRange], areChunked: Bool) {
        let flags = objects.flags[id.index], isPerCPU = flags.contains(.perCPU)
        if !isPerCPU, !flags.contains(.fullScan), let areas = objects.areas[id], !areas.isEmpty { return (areas, false) }
        return (contents(of: id, at: range ?? objects.range(of: id)), !isPerCPU)
    }

    /// Whether a scan can read all of an object's `scannedParts`, or of a root; where no parts are known, it cannot.
    func holdsAll(of parts: [AddressRange]) -> Bool { !parts.isEmpty && parts.allSatisfy(memory.contains) }

    /// CRC-32 of the object's contents; of a PERCPU object, those of all CPUs XORed, or from 2026 on chained over them.
    /// nil when bytes are missing.
    package func checksum(of id: ObjectID) -> UInt32? {
        let copies = contents(of: id)
        guard !copies.isEmpty, copies.allSatisfy(memory.contains) else { return nil }
        return copies.reduce(0) { checksum, copy in
            var crc = CRC32(profile.style.confirmsLeaks ? checksum : 0)
            for index in memory.segments(in: copy) {
                let segment = memory.segments[index]
                let part = memory.overlap(of: segment, with: copy)
                let from = Int(part.start.rawValue - segment.start)
                segment.withBytes { crc.update(UnsafeRawBufferPointer(rebasing: $0[from..<from + Int(part.size)])) }
            }
            return profile.style.confirmsLeaks ? crc.value : checksum ^ crc.value
        }
    }
}
