import HeapModel

/// What a person can step by, forwards and backwards.
package enum Stride: CaseIterable, Sendable {
    /// One step of the scan, usually a word.
    case word
    /// A word that points into a tracked object other than its own, or something that the kernel did meanwhile.
    case reference
    /// A block, or in the phases without blocks an object.
    case object
    case phase
}

package enum Direction: Sendable {
    case forwards, backwards
}

extension ScanRecording {
    /// The nearest tick in that direction at which such a step stands; the recording's end or start when there is none.
    package func tick(_ stride: Stride, _ direction: Direction, from tick: Tick) -> Tick {
        switch (stride, direction) {
        case (.word, .forwards): min(tick + 1, lastTick)
        case (.word, .backwards): max(tick - 1, 0)
        case (.object, .forwards): nextSpan(after: tick) { $0.isObject } ?? lastTick
        case (.object, .backwards): previousSpan(before: tick) { $0.isObject } ?? 0
        case (.phase, .forwards): phases.first { $0.tick > tick }?.tick ?? lastTick
        case (.phase, .backwards): phases.last { $0.tick < tick }?.tick ?? 0
        case (.reference, .forwards): nextReference(after: tick) ?? lastTick
        case (.reference, .backwards): previousReference(before: tick) ?? 0
        }
    }

    private func nextSpan(after tick: Tick, where matches: (Span.What) -> Bool) -> Tick? {
        spans[spans.span(at: tick).end...].first { matches($0.what) }?.tick
    }

    private func previousSpan(before tick: Tick, where matches: (Span.What) -> Bool) -> Tick? {
        spans[..<(tick > 0 ? spans.span(at: tick - 1).end : 0)].last { matches($0.what) }?.tick
    }

    private func nextReference(after tick: Tick) -> Tick? {
        for span in spans[spans.span(at: tick).tick...] {
            let first = max(span.tick, tick + 1)
            if first < span.end, let found = (first..<span.end).first(where: { isReference(at: $0, in: span) }) { return found }
        }
        return nil
    }

    private func previousReference(before tick: Tick) -> Tick? {
        for span in spans[..<(tick > 0 ? spans.span(at: tick - 1).end : 0)].reversed() {
            let end = min(tick, span.end)
            if let found = (span.tick..<end).last(where: { isReference(at: $0, in: span) }) { return found }
        }
        return nil
    }

    private func isReference(at tick: Tick, in span: Span) -> Bool {
        if case .meanwhile = span.what { return true }
        guard case .words(let from) = span.what else { return false }
        let epoch = epochs[epochIndex(at: tick)]
        let size = epoch.heap.profile.wordSize
        guard let word = epoch.heap.memory.word(at: from + UInt64((tick - span.tick) * size), size: size) else {
            return false
        }
        let own = blocks[blocks.partitioningIndex { $0.tick > tick } - 1].source
        return epoch.index.targets(of: word).contains { .object($0) != own }
    }
}

extension ScanRecording.Span.What {
    fileprivate var isObject: Bool {
        switch self {
        case .block, .checksum, .suspect, .report, .meanwhile: true
        case .phase, .words, .end: false
        }
    }
}
