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
        package fileprivate(set) var isScanned = true
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

    /// Bytes that should have been read, but were not captured. With them what is white at the end is unknown, not lost: a word there
    /// could have held it.
    package var unreadByteCount: UInt64 { rows.filter(\.isScanned).reduce(0) { $0.addingAtMost($1.missing) } }
    package var words: Int { rows.reduce(0) { $0 + $1.words } }
    package var references: Int { rows.reduce(0) { $0 + $1.references } }

    /// - Complexity: O(references); of a kernel that lived meanwhile, O(words · log n)
    package init(_ recording: ScanRecording) { self.init(recording, graph: recording.graph) }

    /// - Parameter graph: of the recording's heap; without one, every word is looked at as the scan did.
    package init(_ recording: ScanRecording, graph: ReferenceGraph?) {
        self.init(extentsOf: recording)
        if let graph { addWords(recording, graph) } else { addWords(recording) }
        rows.removeAll { $0.count == 0 }
    }

    fileprivate init(extentsOf recording: ScanRecording) {
        passes = recording.passes.count
        rows = Root.Kind.allCases.map { Row(what: .roots($0)) } + [Row(what: .objects)]
        addExtents(recording)
    }

    private static func place(of kind: Root.Kind) -> Int { Root.Kind.allCases.firstIndex(of: kind)! }
    private static let placeOfObjects = Root.Kind.allCases.count

    private static func place(of block: ScanRecording.Block, _ roots: [Root]) -> Int {
        if case .root(let number) = block.source { place(of: roots[number].kind) } else { placeOfObjects }
    }

    private mutating func addExtents(_ recording: ScanRecording) {
        let heap = recording.epochs[recording.epochs.count - 1].heap
        for root in recording.roots {
            let place = Self.place(of: root.kind)
            rows[place].add(root.range, heap.memory)
            rows[place].isScanned = root.kind != .stack || heap.scansStacks
            rows[place].count += 1
        }
        var isTold = [Bool](repeating: false, count: heap.objects.count)
        for case .object(let id) in recording.blocks.lazy.map(\.source) where !isTold[id.index] {
            isTold[id.index] = true
            // Taken off the gray list, but not read.
            guard !heap.objects.flags[id.index].contains(.noScan), heap.objects.flags[id.index].contains(.allocated) else { continue }
            for part in heap.scannedParts(of: id).ranges { rows[Self.placeOfObjects].add(part, heap.memory) }
            rows[Self.placeOfObjects].count += 1
        }
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
    /// - Complexity: O(blocks · log segments) for a capture
    package var unreadByteCount: UInt64 { heap.memory.isCaptured ? RootTable(extentsOf: self).unreadByteCount : 0 }
}

extension RootTable.Row {
    fileprivate mutating func add(_ range: AddressRange, _ memory: Memory) {
        bytes = bytes.addingAtMost(range.size)
        // A simulated kernel may have given it back since it was read.
        guard memory.isCaptured else { return }
        let held = memory.segments(in: range).reduce(0) { $0 + memory.overlap(of: memory.segments[$1], with: range).size }
        missing = missing.addingAtMost(range.size - held)
    }
}
