import CEngine
import Dispatch
import HeapModel
import Synchronization

/// One pass over memory in the order of addresses, which finds all references.
package enum Sweep {
    /// How a sweep is done, which makes no difference to what it finds.
    package struct Options: Sendable {
        package var threads = 1
        package var variant = engine_best_variant()

        package init(threads: Int = 1) { self.threads = threads }
    }

    /// Reads all that a scan may read of the heap.
    ///
    /// - Parameters:
    ///   - index: of the heap's objects.
    ///   - shouldStop: asked every few milliseconds, on any of the threads.
    /// - Returns: nil when it was told to stop.
    /// - Precondition: `heap.scanWordBound` is at most `Heap.scanWordLimit`.
    package static func graph(
        of heap: Heap, index: RankIndex, options: Options = Options(), shouldStop: @Sendable () -> Bool = { false }
    ) -> ReferenceGraph? {
        heap.objects.withColumns { columns in
            let plan = SweepPlan(heap, columns, index)
            return Pass(heap: heap, columns: columns, index: index, plan: plan, variant: options.variant)
                .run(threads: options.threads, shouldStop: shouldStop)
        }
    }

    /// A sweep under way.
    struct Pass {
        let heap: Heap
        let columns: ObjectColumns
        let index: RankIndex
        let plan: SweepPlan
        let variant: engine_variant

        /// What one shard found.
        struct Part {
            var referenceCount = 0
            var farGaps: [ReferenceGraph.FarGap] = []
        }

        func run(threads: Int, shouldStop: @Sendable () -> Bool) -> ReferenceGraph? {
            let targets = ReservedMemory<UInt32>(capacity: plan.capacity)
            let gaps = ReservedMemory<UInt8>(capacity: plan.capacity)
            var parts = [Part](repeating: Part(), count: plan.shards.count)
            let isStopped = Atomic(false)
            let blocks = [ReferenceGraph.Block](unsafeUninitializedCapacity: columns.count + plan.rootCount) { blocks, count in
                blocks.initialize(repeating: ReferenceGraph.Block())
                count = blocks.count
                guard let blocks = blocks.baseAddress else { return }
                parts.withUnsafeMutableBufferPointer { parts in
                    let next = Atomic(0), parts = parts
                    inParallel(threads) {
                        SweepWorker.with(self, targets: targets.base, gaps: gaps.base, blocks: blocks) { worker in
                            while case let shard = next.add(1, ordering: .relaxed).oldValue, shard < plan.shards.count {
                                if shouldStop() { isStopped.store(true, ordering: .relaxed) }
                                if isStopped.load(ordering: .relaxed) { return }
                                parts[shard] = worker.sweep(plan.shards[shard])
                            }
                        }
                    }
                }
            }
            guard !isStopped.load(ordering: .relaxed) else { return nil }
            let farGaps = parts.flatMap(\.farGaps), count = parts.reduce(0) { $0 + $1.referenceCount }
            return ReferenceGraph(
                blocks: blocks, objectCount: columns.count, targets: targets, gaps: gaps, farGaps: farGaps,
                excessTargets: excessTargets(), referenceCount: count,
                byteCount: blocks.count * MemoryLayout<ReferenceGraph.Block>.stride + count * 5
                    + farGaps.count * MemoryLayout<ReferenceGraph.FarGap>.stride)
        }

        private func inParallel(_ threads: Int, _ work: () -> Void) {
            guard threads > 1 else { return work() }
            // Not escaping; and what it shares, it divides by shards.
            nonisolated(unsafe) let work = work
            DispatchQueue.concurrentPerform(iterations: threads) { _ in work() }
        }

        /// mm/kmemleak.c, scan_block(): the object that starts exactly where excess_ref says.
        private func excessTargets() -> [ObjectID: ObjectID] {
            let owners = (0..<columns.count).filter { columns.excessReferences[$0] != 0 }
            guard !owners.isEmpty else { return [:] }
            let addresses = owners.map { columns.excessReferences[$0] }
            var rows = [UInt32](repeating: RankResolver.none, count: owners.count)
            RankResolver.with(index.virtual, columns) { $0?.resolve(addresses, count: addresses.count, into: &rows) }
            var targets: [ObjectID: ObjectID] = [:]
            for (place, owner) in owners.enumerated() where rows[place] != RankResolver.none {
                let target = ObjectID(rawValue: rows[place])
                if columns.pointers[target.index] == addresses[place] { targets[ObjectID(owner)] = target }
            }
            return targets
        }
    }
}
