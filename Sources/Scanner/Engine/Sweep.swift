import CEngine
import Foundation
import HeapModel
import Synchronization

/// One pass over memory in the order of addresses, which finds all references.
package enum Sweep {
    /// How a sweep is done, which makes no difference to what it finds.
    package struct Options: Sendable {
        package var threads: Int
        package var variant = engine_best_variant()
        /// Objects from which on a second thread gains more than it costs, for all but the reading of memory.
        package var worthASecondThread = Parallel.worthASecondThread

        package init(threads: Int = ProcessInfo.processInfo.activeProcessorCount) { self.threads = threads }

        /// Threads for work on so many objects.
        func threads(forObjects count: Int) -> Int {
            Parallel.threads(threads, forObjects: count, from: worthASecondThread)
        }
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
            Pass(heap, columns, index, options).run(threads: options.threads, shouldStop: shouldStop)
        }
    }

    /// A sweep under way. A class, as the workers hold it.
    final class Pass {
        let heap: Heap
        let columns: ObjectColumns
        let index: RankIndex
        let plan: SweepPlan
        let variant: engine_variant

        init(_ heap: Heap, _ columns: ObjectColumns, _ index: RankIndex, _ options: Options) {
            (self.heap, self.columns, self.index, variant) = (heap, columns, index, options.variant)
            plan = SweepPlan(heap, columns, index, threads: options.threads(forObjects: columns.count))
        }

        var numberBits: UInt32 { ReferenceGraph.numberBits(upTo: columns.count) }

        /// What is read of an object. Here, as anywhere else the heap would be copied for the question.
        func scannedParts(ofNumber number: Int) -> (ranges: [AddressRange], areChunked: Bool) {
            let size = index.order.sizes[number], id = ObjectID(rawValue: index.order.rows[number])
            guard size != RankOrder.isLarge else { return heap.scannedParts(of: id) }
            return heap.scannedParts(of: id, at: AddressRange(start: Address(index.order.starts[number]), size: UInt64(size)))
        }

        func run(threads: Int, shouldStop: @Sendable () -> Bool) -> ReferenceGraph? {
            let output = SweepOutput(plan, blockCount: columns.count + 1 + plan.rootCount)
            let next = Atomic(0), progress = WorkProgress.current
            Parallel.run(min(threads, plan.shards.count)) { _ in
                SweepWorker.with(self, blocks: output.blocks.base) { worker in
                    while case let shard = next.add(1, ordering: .relaxed).oldValue, shard < plan.shards.count {
                        progress?.tell(shard, of: plan.shards.count, in: WorkProgress.sweep)
                        if shouldStop() { output.stop() }
                        guard !output.isStopped else { return }
                        output.publish(worker.sweep(plan.shards[shard]), ofShard: shard, plan)
                    }
                }
            }
            guard !output.isStopped else { return nil }
            return ReferenceGraph(
                blocks: output.blocks, stream: output.stream, numberBits: numberBits, rows: index.order.rows,
                numbers: index.order.numbers, farGaps: output.allFarGaps, excessTargets: excessTargets(),
                incompleteBlocks: output.allIncompleteBlocks, referenceCount: output.referenceCount, room: output.room)
        }

        /// mm/kmemleak.c, scan_block(): the object that starts exactly where excess_ref says.
        private func excessTargets() -> [UInt32: UInt32] {
            let owners = heap.objects.excessReferences.rows
            guard !owners.isEmpty else { return [:] }
            let addresses = owners.map { heap.objects.excessReferences[$0].rawValue }
            var found = [UInt32](repeating: RankResolver.none, count: owners.count + Int(engine_slack))
            RankResolver.with(index.virtual, index.order, heap.objects) {
                _ = $0?.resolve(addresses, count: addresses.count, into: &found)
            }
            var targets: [UInt32: UInt32] = [:]
            for (place, owner) in owners.enumerated() where found[place] != RankResolver.none {
                if index.order.starts[Int(found[place])] == addresses[place] {
                    targets[index.order.numbers[owner]] = found[place]
                }
            }
            return targets
        }
    }
}
