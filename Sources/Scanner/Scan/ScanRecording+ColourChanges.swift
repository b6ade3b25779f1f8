import HeapModel

extension ScanRecording {
    /// Of all `colourChanges`, those of some objects, in the same order.
    /// - Parameter ids: ascending.
    /// - Complexity: O(n) for n objects, in a kernel that stands still
    package func colourChanges(of ids: [ObjectID]) -> [ColourChange] {
        var ticks: [UInt64] = [], objects: [ObjectID] = []
        for id in ids {
            forEachOccasion(of: id) { tick in
                ticks.append(UInt64(tick))
                objects.append(id)
            }
        }
        // They are ascending in id: what happens at one tick stays so.
        let places = Array(ticks.indices).sorted(byKeys: ticks)
        var shades = heap.objects.minCounts.map { $0 == -1 ? Shade.ignored : .white }
        shades += Array(repeating: .white, count: epochs[epochs.count - 1].heap.objects.count - shades.count)
        var pass = 0, epoch = 0, changes: [ColourChange] = []
        for place in places {
            let tick = Tick(ticks[place]), id = objects[place]
            while pass + 1 < passes.count, passes[pass + 1].tick <= tick { pass += 1 }
            while epoch + 1 < epochs.count, epochs[epoch + 1].tick <= tick { epoch += 1 }
            let shade = passes[pass].shade(of: id, minCount: epochs[epoch].heap.objects.minCounts[id.index], at: tick)
            guard shade != shades[id.index] else { continue }
            shades[id.index] = shade
            changes.append(ColourChange(tick: tick, object: id, shade: shade, isLeak: false))
        }
        let reports = leaks.filter { leak in
            let place = ids.partitioningIndex { $0 >= leak.id }
            return place < ids.count && ids[place] == leak.id
        }
        return changes + reports.map { ColourChange(tick: $0.tick, object: $0.id, shade: .white, isLeak: true) }
    }

    /// Tells when an object may become another shade, in no order.
    private func forEachOccasion(of id: ObjectID, _ body: (Tick) -> Void) {
        for number in passes.indices {
            if number > 0, passes[number - 1].place(of: id) != nil { body(passes[number].tick) }
            if let reached = passes[number].tickReached(id) { body(reached) }
            if let scanned = passes[number].tickScanned(id) { body(scanned) }
        }
        // Hooks that were called while the scan ran.
        for number in epochs.indices.dropFirst() {
            let (old, new) = (epochs[number - 1].heap.objects.minCounts, epochs[number].heap.objects.minCounts)
            guard id.index < new.count, id.index >= old.count || old[id.index] != new[id.index] else { continue }
            body(epochs[number].tick)
        }
    }
}
