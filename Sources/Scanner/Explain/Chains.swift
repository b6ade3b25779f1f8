import HeapModel

/// The chains of words that hold an object which a scan reached: the one by which it did, and some through other holders.
struct Chains {
    private let id: ObjectID
    /// By which the scan reached it.
    private let way: (beginning: Explanation.Beginning, links: [Explanation.Link])
    private let moment: Moment
    private let reads: WordReads
    /// The words that point at it, by their holder.
    private let words: [Reference.Holder: [Reference]]

    /// Chains told of one object.
    private static let limit = 4
    /// Holders that were reached after the object, and may hang on it themselves, are tried so often.
    private static let trials = 16

    init(
        to id: ObjectID, by way: (beginning: Explanation.Beginning, links: [Explanation.Link]), at moment: Moment,
        _ referrers: ReferrerIndex?
    ) {
        (self.id, self.way, self.moment) = (id, way, moment)
        let references = moment.heap.references(to: id, moment.index, referrers)
        reads = WordReads(of: references.map(\.address), around: moment)
        words = Dictionary(grouping: references, by: \.holder)
    }

    /// The easiest to read first.
    var all: [Explanation.Chain] {
        let used = way.links.last?.reference.holder
        let first = Explanation.Chain(
            beginning: way.beginning, links: way.links, isWayOfScan: true,
            wordCount: max(used.map { links(from: $0).count } ?? 0, way.links.isEmpty ? 0 : 1))
        return ([first] + others(than: used)).sorted { ($0.difficulty, $0.links.count) < ($1.difficulty, $1.links.count) }
    }

    /// Through holders that the scan read, too.
    private func others(than used: Reference.Holder?) -> [Explanation.Chain] {
        var chains: [Explanation.Chain] = [], trials = Self.trials
        for holder in holders where holder != used && chains.count + 1 < Self.limit {
            let links = links(from: holder)
            guard let link = links.first else { continue }
            switch holder {
            case .root(let root):
                chains.append(.init(beginning: .root(root), links: [link], isWayOfScan: false, wordCount: links.count))
            case .object(let parent):
                if !isBefore(parent) {
                    guard trials > 0 else { continue }
                    trials -= 1
                }
                let way = moment.chain(to: parent)
                guard !way.beginning.isAt(id), !way.links.contains(where: { $0.target == id }) else { continue }
                chains.append(.init(
                    beginning: way.beginning, links: way.links + [link], isWayOfScan: false, wordCount: links.count))
            case .freed, .untracked: continue
            }
        }
        return chains
    }

    /// Those that may hold it, easiest first: globals, then objects as the scan reached them, then stacks.
    private var holders: [Reference.Holder] {
        let ranked: [(holder: Reference.Holder, rank: Int, address: Address)] = words.compactMap { holder, words in
            switch holder {
            case .root(let root): (holder, root.kind == .stack ? .max : 0, words[0].address)
            case .object(id), .freed, .untracked: nil
            case .object(let parent):
                moment.recording.tickReached(parent, around: moment.tick).map { (holder, 1 + $0, words[0].address) }
            }
        }
        return ranked.sorted { ($0.rank, $0.address) < ($1.rank, $1.address) }.map(\.holder)
    }

    /// Whether the parent was reached before the object, so that nothing which leads to it leads over the object.
    private func isBefore(_ parent: ObjectID) -> Bool {
        let ticks = [parent, id].map { moment.recording.tickReached($0, around: moment.tick) ?? .max }
        return ticks[0] < ticks[1]
    }

    /// The words of a holder that point at it and were read by now.
    private func links(from holder: Reference.Holder) -> [Explanation.Link] {
        let changes = moment.recording.changes(of: id, inPass: moment.recording.passIndex(at: moment.tick))
        return (words[holder] ?? []).compactMap { reference in
            let tick = reads.ticks(of: reference.address, in: holder).first { $0 <= moment.tick && wasThere(reference, at: $0) }
            guard let tick else { return nil }
            return Explanation.Link(
                reference: reference, target: id, count: changes.first { $0.tick == tick }?.count,
                needed: moment.heap.objects.minCounts[id.index], tick: tick)
        }
    }
}

extension Chains {
    /// Whether word and object were what they are now when the scan came to the word.
    private func wasThere(_ reference: Reference, at tick: Tick) -> Bool {
        guard moment.recording.graph == nil else { return true }
        let then = Moment(recording: moment.recording, tick: tick), size = then.heap.profile.wordSize
        return then.heap.memory.word(at: reference.address, size: size) == reference.word
            && then.index.targets(of: reference.word).contains(id)
    }
}

extension Explanation.Beginning {
    fileprivate func isAt(_ id: ObjectID) -> Bool { self == .needsNoReference(id) || self == .modified(id) }
}

extension Explanation.Chain {
    /// A word in a named global, then a chain over the heap, then a word on a stack, then what nothing points at.
    fileprivate var difficulty: Int {
        switch beginning {
        case .root(let root): root.kind == .stack ? 2 : links.count == 1 ? 0 : 1
        case .needsNoReference: 1
        case .modified: 3
        }
    }
}
