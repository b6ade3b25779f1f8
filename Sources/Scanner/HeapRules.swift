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

    /// What reading the control file lists, in creation order: reported, and still unreferenced.
    package var reportedLeaks: [ObjectID] {
        objects.ids.filter { objects.flags[$0.index].contains(.reported) && isUnreferenced($0) }
    }

    /// CRC-32 of the object's contents; of a PERCPU object, those of all CPUs XORed. nil when bytes are missing.
    package func checksum(of id: ObjectID) -> UInt32? {
        let copies = contents(of: id)
        guard !copies.isEmpty, copies.allSatisfy(memory.contains) else { return nil }
        return copies.reduce(0) { checksum, copy in
            var crc = CRC32()
            for index in memory.segments(in: copy) {
                let segment = memory.segments[index]
                let part = memory.overlap(of: segment, with: copy)
                let from = Int(part.start.rawValue - segment.start)
                segment.withBytes { crc.update($0[from..<from + Int(part.size)]) }
            }
            return checksum ^ crc.value
        }
    }
}
