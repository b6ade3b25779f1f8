import HeapModel

// What happened when: the questions that breakpoints and the history of one object ask.
extension ScanRecording {
    /// An object became another shade, or was reported.
    package struct ColourChange: Hashable, Sendable {
        package let tick: Tick
        package let object: ObjectID
        /// What it is from then on.
        package let shade: Shade
        /// Whether it is a report; the shade stays white.
        package let isLeak: Bool
    }

    /// Every change of a shade in every pass, and every report, ascending in tick.
    ///
    /// Before the first tick all objects are white, but for those that are ignored. The confirming pass turns those white
    /// again that the full one had reached.
    /// - Complexity: O(n log n) for n objects, in a kernel that stands still
    package var colourChanges: [ColourChange] {
        var shades = heap.objects.minCounts.map { $0 == -1 ? Shade.ignored : .white }
        var pass = 0, epoch = 0, changes: [ColourChange] = []
        for (tick, id) in occasions {
            while pass + 1 < passes.count, passes[pass + 1].tick <= tick { pass += 1 }
            while epoch + 1 < epochs.count, epochs[epoch + 1].tick <= tick { epoch += 1 }
            while shades.count <= id.index { shades.append(.white) }
            let shade = passes[pass].shade(of: id, minCount: epochs[epoch].heap.objects.minCounts[id.index], at: tick)
            guard shade != shades[id.index] else { continue }
            shades[id.index] = shade
            changes.append(ColourChange(tick: tick, object: id, shade: shade, isLeak: false))
        }
        // Nothing changes colour by being reported, so the reports come last.
        return changes + leaks.map { ColourChange(tick: $0.tick, object: $0.id, shade: .white, isLeak: true) }
    }

    /// When an object may become another shade, ascending.
    private var occasions: [(tick: Tick, id: ObjectID)] {
        var all: [(tick: Tick, id: ObjectID)] = []
        for (number, pass) in passes.enumerated() {
            if number > 0 { all += passes[number - 1].order.map { (pass.tick, $0) } }
            for id in pass.order {
                for tick in pass.ticks(of: id) { all.append((tick, id)) }
            }
        }
        // Hooks that were called while the scan ran.
        for (before, after) in zip(epochs, epochs.dropFirst()) {
            let (old, new) = (before.heap.objects.minCounts, after.heap.objects.minCounts)
            all += new.indices.filter { $0 >= old.count || old[$0] != new[$0] }.map { (after.tick, ObjectID($0)) }
        }
        return all.sorted { ($0.tick, $0.id) < ($1.tick, $1.id) }
    }

    /// The moments at which something happened to an object, ascending: a reference was counted, it joined the gray list or
    /// left it, its changed contents made it gray, it was suspected or reported, a hook gave it another colour.
    package func events(of id: ObjectID) -> [Tick] {
        var ticks = Set(leaks.filter { $0.id == id }.map(\.tick))
        for (number, pass) in passes.enumerated() {
            ticks.formUnion(pass.ticks(of: id))
            ticks.formUnion(changes(of: id, inPass: number).map(\.tick))
        }
        for (before, after) in zip(epochs, epochs.dropFirst()) where id.index < before.heap.objects.count {
            let shades = [after.tick - 1, after.tick].map { Moment(recording: self, tick: $0).shade(of: id) }
            if shades[0] != shades[1] { ticks.insert(after.tick) }
        }
        if let suspected = tickSuspected(id) { ticks.insert(suspected) }
        return ticks.sorted()
    }

    private func tickSuspected(_ id: ObjectID) -> Tick? {
        guard let place = phases.firstIndex(where: { $0.phase == .suspects }) else { return nil }
        let end = place + 1 < phases.count ? phases[place + 1].tick : endTick
        return spans[phases[place].tick..<end].first {
            if case .suspect(id) = $0.what { true } else { false }
        }?.tick
    }

    /// When the object's count changed, in the pass of a tick and not after it.
    func ticksCounted(for id: ObjectID, upTo tick: Tick) -> [Tick] {
        changes(of: id, inPass: passIndex(at: tick)).map(\.tick).filter { $0 <= tick }
    }

    /// The moments at which the cursor comes to a word of a range, ascending: the first of each stretch of words. What the
    /// kernel does meanwhile does not end a stretch.
    package func ticks(reading range: AddressRange) -> [Tick] {
        let size = UInt64(heap.profile.wordSize)
        var ticks: [Tick] = [], next: Address?
        for span in spans {
            switch span.what {
            case .meanwhile: continue
            case .words(let from):
                let words = AddressRange(start: from, size: UInt64(span.count) * size)
                let goesOn = from == next && range.overlaps(AddressRange(start: from + (0 &- size), size: size))
                if words.overlaps(range), !goesOn {
                    ticks.append(span.tick + (words.contains(range.start) ? Int((range.start - from) / size) : 0))
                }
                next = words.end
            case .phase, .block, .checksum, .suspect, .report, .end: next = nil
            }
        }
        return ticks
    }
}
