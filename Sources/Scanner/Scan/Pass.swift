import HeapModel

extension ScanRecording {
    /// From all white to an empty gray list, once.
    ///
    /// Objects are scanned in the order in which they joined the gray list, so what happened to them is told by their place
    /// in that order: two ascending columns of ticks.
    package struct Pass: Sendable {
        package let tick: Tick
        /// The roots that it read.
        var rootBlocks: [Block] = []
        /// Every object that was on the gray list, in the order in which it joined: the gray list of all times.
        package internal(set) var order = Timeline<ObjectID>()
        /// By place in `order`: when it joined, and when it was taken off. Ascending; the second ends early when the scan was
        /// stopped.
        var reachedAt = Timeline<UInt32>(), scannedAt = Timeline<UInt32>()
        /// By object: its place in `order`; `never` when it has none. Objects that came later may be missing.
        var places: [UInt32] = []
        /// Its part of the recording's partial changes.
        var changes: Range<Int>
        /// The same by object and then time.
        var partial: [(object: ObjectID, change: UInt32)] = []

        init(tick: Tick, firstChange: Int) {
            self.tick = tick
            changes = firstChange..<firstChange
        }

        /// Those that joined because a reference, or changed contents, made up their count; the ones before needed none.
        func countedPlaces(upTo tick: Tick) -> Range<Int> {
            let first = reachedAt.partitioningIndex { Tick($0) > self.tick }
            return first..<max(first, reachedAt.partitioningIndex { Tick($0) > tick })
        }

        mutating func recordReached(_ id: ObjectID, at tick: Tick) {
            while places.count <= id.index { places.append(ScanRecording.never) }
            places[id.index] = UInt32(order.count)
            order.append(id)
            reachedAt.append(UInt32(tick))
        }

        func place(of id: ObjectID) -> Int? {
            guard id.index < places.count, places[id.index] != ScanRecording.never else { return nil }
            return Int(places[id.index])
        }

        /// The tick at which it turned gray.
        func tickReached(_ id: ObjectID) -> Tick? { place(of: id).map { Tick(reachedAt[$0]) } }

        /// The tick at which it was taken off the gray list.
        func tickScanned(_ id: ObjectID) -> Tick? {
            place(of: id).flatMap { $0 < scannedAt.count ? Tick(scannedAt[$0]) : nil }
        }

        /// When it changed its shade.
        func ticks(of id: ObjectID) -> [Tick] { [tickReached(id), tickScanned(id)].compactMap { $0 } }

        func shade(of id: ObjectID, minCount: Int32, at tick: Tick) -> Shade {
            if minCount == -1 { return .ignored }
            // Declared no leak while the scan ran: gray without having been reached.
            guard let place = place(of: id), Tick(reachedAt[place]) <= tick else { return minCount == 0 ? .gray : .white }
            return place < scannedAt.count && Tick(scannedAt[place]) <= tick ? .scanned : .gray
        }

        var byteCount: Int {
            (order.count + reachedAt.count + scannedAt.count + places.count) * 4
                + partial.count * MemoryLayout<(object: ObjectID, change: UInt32)>.stride
                + rootBlocks.count * MemoryLayout<Block>.stride
        }
    }
}
