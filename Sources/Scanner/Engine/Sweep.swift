import CEngine
import Dispatch
import Foundation
import HeapModel
import Synchronization

/// One pass over memory in the order of addresses, which finds all references.
package enum Sweep {
    /// How a sweep is done, which makes no difference to what it finds.
    package struct Options: Sendable {
        package var threads: Int
        package var variant = engine_best_variant()

        package init(threads: Int = ProcessInfo.processInfo.activeProcessorCount) { self.threads = threads }
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

        /// What one shard found; references are numbered from 0 on.
        struct Part {
            var targets: [UInt32] = []
            var gaps: [UInt8] = []
            var farGaps: [ReferenceGraph.FarGap] = []
        }

        func run(threads: Int, shouldStop: @Sendable () -> Bool) -> ReferenceGraph? {
            var parts = [Part](repeating: Part(), count: plan.shards.count)
            let isStopped = Atomic(false)
            var blocks = [ReferenceGraph.Block](repeating: .init(), count: columns.count + 1 + plan.rootCount)
            blocks.withUnsafeMutableBufferPointer { blocks in
                parts.withUnsafeMutableBufferPointer { parts in
                    guard let blocks = blocks.baseAddress else { return }
                    let next = Atomic(0), parts = parts
                    inParallel(threads) {
                        SweepWorker.with(self, blocks: blocks) { worker in
                            while case let shard = next.add(1, ordering: .relaxed).oldValue, shard < plan.shards.count {
                                if shouldStop() { isStopped.store(true, ordering: .relaxed) }
                                if isStopped.load(ordering: .relaxed) { return }
                                parts[shard] = worker.sweep(plan.shards[shard])
                            }
                        }
                    }
                }
            }
            return isStopped.load(ordering: .relaxed) ? nil : joined(parts, blocks, threads)
        }

        /// Puts the shards' references one behind the other.
        private func joined(_ parts: [Part], _ blocks: [ReferenceGraph.Block], _ threads: Int) -> ReferenceGraph {
            var bases: [Int] = [], count = 0
            for part in parts {
                bases.append(count)
                count += part.targets.count
            }
            precondition(count < ReferenceGraph.Block.none, "a heap above the limit of words is not to be scanned")
            let targets = ReservedMemory<UInt32>(capacity: count), gaps = ReservedMemory<UInt8>(capacity: count)
            var blocks = blocks
            blocks.withUnsafeMutableBufferPointer { blocks in
                let next = Atomic(0), blocks = blocks, bases = bases
                inParallel(threads) {
                    while case let shard = next.add(1, ordering: .relaxed).oldValue, shard < parts.count {
                        let part = parts[shard], base = bases[shard]
                        part.targets.withUnsafeBufferPointer { targets.copy($0, to: base) }
                        part.gaps.withUnsafeBufferPointer { gaps.copy($0, to: base) }
                        for item in plan.shards[shard].items {
                            let block = plan.block(ofItem: item)
                            if blocks[block].first != ReferenceGraph.Block.none { blocks[block].first += UInt32(base) }
                        }
                    }
                }
            }
            let farGaps = zip(parts, bases).flatMap { part, base in
                part.farGaps.map { ReferenceGraph.FarGap(reference: $0.reference + UInt32(base), words: $0.words) }
            }
            return ReferenceGraph(
                blocks: blocks, rows: index.order.rows, numbers: index.order.numbers, targets: targets, gaps: gaps,
                farGaps: farGaps, excessTargets: excessTargets(), referenceCount: count)
        }

        private func inParallel(_ threads: Int, _ work: () -> Void) {
            let threads = min(threads, plan.shards.count)
            guard threads > 1 else { return work() }
            // Not escaping; and what it shares, it divides by shards.
            nonisolated(unsafe) let work = work
            DispatchQueue.concurrentPerform(iterations: threads) { _ in work() }
        }

        /// mm/kmemleak.c, scan_block(): the object that starts exactly where excess_ref says.
        private func excessTargets() -> [UInt32: UInt32] {
            let owners = (0..<columns.count).filter { columns.excessReferences[$0] != 0 }
            guard !owners.isEmpty else { return [:] }
            let addresses = owners.map { columns.excessReferences[$0] }
            var found = [UInt32](repeating: RankResolver.none, count: owners.count)
            RankResolver.with(index.virtual, index.order, columns) {
                $0?.resolve(addresses, count: addresses.count, into: &found)
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
