import HeapModel

// Changes of counts. One that turned its object gray made the count what the object needs, so it is told by its place on the
// gray list; only the others are written down.
extension ScanRecording {
    /// The changes that the step at a tick made: none, one, or two when a word hits an ordinary and a PERCPU object.
    func changes(at tick: Tick) -> [CountChange] {
        let pass = passes[passIndex(at: tick)], first = partialChanges.partitioningIndex { $0.tick >= tick }
        let partial = partialChanges[first...].prefix { $0.tick == tick }
        let reached = pass.countedPlaces(upTo: tick).reversed().prefix { Tick(pass.reachedAt[$0]) == tick }.reversed()
        let both = partial + reached.map { change(thatReached: pass.order[$0], at: tick) }
        guard !partial.isEmpty, !reached.isEmpty else { return Array(both) }
        let flags = epochs[epochIndex(at: tick)].heap.objects.flags
        func isInPerCPU(_ change: CountChange) -> Bool { flags[change.target.index].contains(.perCPU) }
        return both.filter { !isInPerCPU($0) } + both.filter(isInPerCPU)
    }

    /// How many changes there were up to a tick.
    package func changeCount(upTo tick: Tick) -> Int {
        partialChanges.partitioningIndex { $0.tick > tick } + passes.reduce(0) { $0 + $1.countedPlaces(upTo: tick).count }
    }

    /// The changes of an object's count in a pass, in the order of time.
    func changes(of id: ObjectID, inPass number: Int) -> [CountChange] {
        let pass = passes[number], first = pass.partial.partitioningIndex { $0.object >= id }
        var own = pass.partial[first...].prefix { $0.object == id }.map { partialChanges[Int($0.change)] }
        if let reached = pass.tickReached(id), reached > pass.tick { own.append(change(thatReached: id, at: reached)) }
        return own
    }

    /// - Parameter place: of the pass's counted ones.
    func change(thatReachedPlace place: Int, ofPass number: Int) -> CountChange {
        change(thatReached: passes[number].order[place], at: Tick(passes[number].reachedAt[place]))
    }

    private func change(thatReached id: ObjectID, at tick: Tick) -> CountChange {
        CountChange(tick: tick, target: id, count: epochs[epochIndex(at: tick)].heap.objects.minCounts[id.index])
    }

    /// Puts in order what was recorded step by step.
    mutating func settle() {
        for number in passes.indices {
            let end = number + 1 < passes.count ? passes[number + 1].changes.lowerBound : partialChanges.count
            passes[number].changes = passes[number].changes.lowerBound..<end
            passes[number].partial = passes[number].changes.map { (partialChanges[$0].target, UInt32($0)) }.sorted { $0 < $1 }
        }
    }
}
