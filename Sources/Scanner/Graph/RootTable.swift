import HeapModel

/// What a scan has read: its roots by kind, and what it was led to from there.
package struct RootTable: Sendable {
    package struct Row: Hashable, Sendable {
        package let what: What
        /// Roots of the kind, or objects that were read.
        package fileprivate(set) var count = 0
        /// What they extend over.
        package fileprivate(set) var bytes: UInt64 = 0
        /// How many of these bytes a capture does not hold, so that they were not read.
        package fileprivate(set) var missing: UInt64 = 0
        /// Words examined, in all passes.
        package fileprivate(set) var words = 0
        /// Words of these that point at a tracked object other than their own, as the recording counts them.
        package fileprivate(set) var references = 0
        /// False for stacks while `stack=off`.
        package let isScanned: Bool
    }

    package enum What: Hashable, Sendable {
        case roots(Root.Kind)
        /// The contents of objects from the gray list, as far as they are scanned.
        case objects

        package var title: String {
            switch self {
            case .roots(.data): "data sections"
            case .roots(.bss): "bss sections"
            case .roots(.percpu): "per-CPU sections"
            case .roots(.structPage): "struct pages"
            case .roots(.stack): "task stacks"
            case .objects: "gray objects"
            }
        }
    }

    /// In the order in which a scan reads them; only kinds of which there are any.
    package private(set) var rows: [Row]
    /// Passes over memory: 2 where a scan confirms what it found.
    package let passes: Int

    /// Bytes that should have been read, but were not captured. With them what is white at the end is unknown, not lost: a word
    /// there could have held it.
    package var unreadByteCount: UInt64 { rows.filter(\.isScanned).reduce(0) { $0.addingAtMost($1.missing) } }
    package var words: Int { rows.reduce(0) { $0 + $1.words } }
    package var references: Int { rows.reduce(0) { $0 + $1.references } }

    /// - Complexity: O(references); of a kernel that lived meanwhile, O(words · log n)
    package init(_ recording: ScanRecording) {
        self.init(missingIn: recording)
        addExtents(recording)
        if let graph = recording.graph { addWords(recording, graph) } else { addWords(recording) }
        rows.removeAll { $0.count == 0 }
    }

    fileprivate init(missingIn recording: ScanRecording) {
        passes = recording.passes.count
        let scansStacks = recording.lastHeap.scansStacks
        rows = Root.Kind.allCases.map { Row(what: .roots($0), isScanned: $0 != .stack || scansStacks) }
        rows.append(Row(what: .objects, isScanned: true))
        // A simulated kernel holds all that exists, but may have given back since what was read.
        if recording.lastHeap.memory.isCaptured { addMissing(recording) }
    }

    private static func place(of kind: Root.Kind) -> Int { Root.Kind.allCases.firstIndex(of: kind)! }
    private static let placeOfObjects = Root.Kind.allCases.count

    private static func place(of block: ScanRecording.Block, _ roots: [Root]) -> Int {
        if case .root(let number) = block.source { place(of: roots[number].kind) } else { placeOfObjects }
    }

    private mutating func addExtents(_ recording: ScanRecording) {
        for root in recording.roots { rows[Self.place(of: root.kind)].add([root.range]) }
        let heap = recording.lastHeap
        for id in recording.objectsRead { rows[Self.placeOfObjects].add(heap.extent(of: id)) }
    }

    private mutating func addMissing(_ recording: ScanRecording) {
        let heap = recording.lastHeap, (roots, objects) = recording.mayBeIncomplete
        for root in roots { rows[Self.place(of: root.kind)].addMissing([root.range], heap.memory) }
        for id in objects { rows[Self.placeOfObjects].addMissing(heap.extent(of: id), heap.memory) }
    }

    private mutating func addWords(_ recording: ScanRecording, _ graph: ReferenceGraph) {
        let flags = recording.heap.objects.flags
        for taken in recording.blocks {
            let block: Int
            switch taken.source {
            case .root(let number): block = graph.block(ofRoot: number)
            case .object(let id):
                guard flags[id.index].isDisjoint(with: .noScan) else { continue }
                block = Int(graph.numbers[id.index])
            }
            var references = 0
            graph.forEachReference(ofBlock: block) { _, _ in references += 1 }
            let place = Self.place(of: taken, recording.roots)
            rows[place].words += graph.wordCount(ofBlock: block)
            rows[place].references += references
        }
    }

    private mutating func addWords(_ recording: ScanRecording) {
        let size = UInt64(recording.heap.profile.wordSize)
        var block = recording.blocks.first
        for span in recording.spans {
            if case .block(let number) = span.what { block = recording.blocks[number] }
            guard case .words(let from) = span.what, let block else { continue }
            let epoch = recording.epochs[recording.epochIndex(at: span.tick)], place = Self.place(of: block, recording.roots)
            rows[place].words += span.count
            for number in 0..<UInt64(span.count) {
                guard let word = epoch.heap.memory.word(at: from + number * size, size: Int(size)) else { continue }
                for target in epoch.index.targets(of: word) where block.source != .object(target) { rows[place].references += 1 }
            }
        }
    }
}

extension ScanRecording {
    /// As the table of roots tells them (`RootTable`).
    ///
    /// - Complexity: O(k log segments), with a graph for k roots and objects of which something is missing, else for all
    package var unreadByteCount: UInt64 { RootTable(missingIn: self).unreadByteCount }

    fileprivate var lastHeap: Heap { epochs[epochs.count - 1].heap }

    /// Once each, in the order in which they were read first.
    fileprivate var objectsRead: [ObjectID] {
        var isTold = [Bool](repeating: false, count: lastHeap.objects.count)
        return blocks.compactMap { block in
            guard case .object(let id) = block.source, !isTold[id.index] else { return nil }
            isTold[id.index] = true
            return lastHeap.objects.isRead(id) ? id : nil
        }
    }

    /// All roots and objects read of which not all is held are among them.
    fileprivate var mayBeIncomplete: (roots: [Root], objects: [ObjectID]) {
        guard let graph else { return (roots, objectsRead) }
        let blocks = graph.incompleteBlocks.map { Int($0) }
        let numbers = blocks.filter { graph.root(ofBlock: $0) == nil }
        return (
            blocks.compactMap(graph.root).map { roots[$0] },
            numbers.map { ObjectID(rawValue: graph.rows[$0]) }.filter(hasRead))
    }

    /// Of a heap that stood still.
    private func hasRead(_ id: ObjectID) -> Bool {
        lastHeap.objects.isRead(id) && passes.contains { $0.tickReached(id) != nil }
    }
}

extension Heap {
    /// What a scan reads of the object. Where it is not known where that stands, it is not captured: at no address that is held.
    fileprivate func extent(of id: ObjectID) -> [AddressRange] {
        let parts = scannedParts(of: id).ranges
        return parts.isEmpty ? [AddressRange(start: Address(0), size: objects.sizes[id.index])] : parts
    }
}

extension ObjectTable {
    /// Else it is taken off the gray list, but not read.
    fileprivate func isRead(_ id: ObjectID) -> Bool { flags[id.index].intersection([.allocated, .noScan]) == .allocated }
}

extension RootTable.Row {
    fileprivate mutating func add(_ parts: [AddressRange]) {
        count += 1
        for part in parts { bytes = bytes.addingAtMost(part.size) }
    }

    fileprivate mutating func addMissing(_ parts: [AddressRange], _ memory: Memory) {
        for part in parts { missing = missing.addingAtMost(part.size - memory.byteCount(in: part)) }
    }
}
