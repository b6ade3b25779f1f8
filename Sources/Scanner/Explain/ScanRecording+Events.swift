import HeapModel

// What happened when: the questions that breakpoints and the history of one object ask.
extension ScanRecording {
    /// An object became another shade, or was reported.
    package struct ColourChange: Equatable, Sendable {
        package let tick: Tick
        package let object: ObjectID
        /// What it is from then on.
        package let shade: Shade
        package let isLeak: Bool
    }

    /// Every change of a colour in every pass, ascending in tick. That all objects turn white when a pass begins is none.
    ///
    /// - Complexity: O(n log n) for n objects
    package var colourChanges: [ColourChange] {
        var all = leaks.map { ColourChange(tick: $0.tick, object: $0.id, shade: .white, isLeak: true) }
        for pass in passes {
            for id in pass.order {
                for (tick, shade) in [(pass.reachedAt[id.index], Shade.gray), (pass.scannedAt[id.index], .scanned)] where tick != Self.never {
                    all.append(ColourChange(tick: Tick(tick), object: id, shade: shade, isLeak: false))
                }
            }
        }
        return all.sorted { ($0.tick, $0.object) < ($1.tick, $1.object) }
    }

    /// The moments at which something happened to an object, ascending: a reference was counted, its colour changed.
    package func events(of id: ObjectID) -> [Tick] {
        var ticks = Set(leaks.filter { $0.id == id }.map(\.tick))
        for pass in passes where id.index < pass.reachedAt.count {
            for tick in [pass.reachedAt[id.index], pass.scannedAt[id.index]] where tick != Self.never { ticks.insert(Tick(tick)) }
            var next = pass.lastChange[id.index]
            while next != Self.never {
                ticks.insert(changes[Int(next)].tick)
                next = changes[Int(next)].previous
            }
        }
        return ticks.sorted()
    }

    /// The moments at which the cursor comes to a word of a range, ascending: the first of each stretch of words.
    package func ticks(reading range: AddressRange) -> [Tick] {
        let size = UInt64(heap.profile.wordSize)
        return spans.indices.compactMap { number in
            guard case .words(let from) = spans[number].what else { return nil }
            let end = number + 1 < spans.count ? spans[number + 1].tick : endTick
            let words = AddressRange(start: from, size: UInt64(end - spans[number].tick) * size)
            guard words.overlaps(range) else { return nil }
            return spans[number].tick + (range.start > from ? Int((range.start - from) / size) : 0)
        }
    }
}
