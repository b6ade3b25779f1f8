import HeapModel

/// Why an object has its colour.
package enum Explanation: Equatable, Sendable {
    /// No scan has told anything of it yet.
    case notScanned
    /// What kmemleak calls black: painted so, or outside of low memory.
    case ignored
    /// min_count 0: gray from the beginning, or since it was declared no leak in the middle of the scan.
    case needsNoReference
    /// It was freed while the scan ran, and has no colour any more.
    case freed
    /// Gray or scanned: what holds it, never nothing; the chains easiest to read first. One is that by which the scan reached
    /// it, the others lead over holders that the scan read as well: some of them, where there are many.
    case reached([Chain])
    /// White: every word that points at it or that it was given a reference by, and why that is not enough; the ones easiest
    /// to read first. As many of them count as its count says. Where the scan missed bytes they could have held another.
    case white(count: Int32, needed: Int32, [Obstacle])

    /// The words that lead to an object.
    package struct Chain: Hashable, Sendable {
        package let beginning: Beginning
        /// The word at the beginning first; none when the object itself is the beginning.
        package let links: [Link]
        /// Whether the scan reached the object by it.
        package let isWayOfScan: Bool
        /// Words of the last holder that point at the object and were read.
        package let wordCount: Int
    }

    /// Why the first block of a chain was scanned at all.
    package enum Beginning: Hashable, Sendable {
        case root(Root)
        /// min_count 0: gray from the beginning.
        case needsNoReference(ObjectID)
        /// Nothing pointed at it, but its contents had changed since the last scan.
        case modified(ObjectID)
    }

    /// A word that made an object gray.
    package struct Link: Hashable, Sendable {
        /// The word as the scan read it. It points at another object than `target` when that one passed it on (excess_ref).
        package let reference: Reference
        /// The object that it made gray.
        package let target: ObjectID
        /// The count it made of those that `target` needs; nil when that needed no more.
        package let count: Int32?
        package let needed: Int32
        /// When the scan read it.
        package let tick: Tick

        package var isPassedOn: Bool { reference.target != target }
    }

    /// A word that points at a white object, or passed a reference on to it, and what is wrong with it.
    package struct Obstacle: Hashable, Sendable {
        package let reference: Reference
        package let reason: Reason
        /// When the scan reads it in this pass, maybe only later; nil when it does not.
        package let tick: Tick?
    }

    /// Why a word does not hold an object, as a clause. The nearer to holding it, the earlier.
    package enum Reason: String, CaseIterable, Sendable {
        case counts = "it is not enough: more references are needed"
        case countedByThen = "it is not enough, and has been overwritten since"
        case isNotReadYet = "the scan has not come to it yet"
        case holderWaits = "its holder waits on the gray list"
        case wasWrittenLater = "it was not there when the scan read its place"
        case objectIsYounger = "the object was not there when the scan read it"
        case scanWasStopped = "the scan is stopped before it comes to it"
        case cameTooLate = "it came too late to be read by this scan"
        case holderIsWhite = "its holder is white itself, and not scanned"
        case isOutsideTheScanAreas = "it is outside of its holder's scan areas"
        case holderHasNoScan = "its holder is NO_SCAN: contents are not read"
        case holderIsIgnored = "kmemleak ignores its holder"
        case isOnAStackThatIsNotScanned = "stacks are not scanned (stack=off)"
        case isInTheObjectItself = "it stands in the object itself"
        case isCutOff = "no word is read there: a chunk or its holder ends in it"
        case holderWasFreed = "its holder was freed"
        case isInMemoryNobodyScans = "no root and no tracked object is there: free or untracked memory"

        /// Whether the count has a part for it.
        package var counted: Bool { self == .counts || self == .countedByThen }
    }
}

extension Explanation {
    /// The chain by which the scan reached the object; nil when it did not.
    package var wayOfScan: Chain? {
        guard case .reached(let chains) = self else { return nil }
        return chains.first(where: \.isWayOfScan)
    }

    /// The one word that holds the object, if it may do so by accident: a suspect of a false negative.
    package var onlyHold: Hold? {
        guard case .reached(let chains) = self, chains.count == 1, chains[0].wordCount == 1, let link = chains[0].links.last,
            link.needed == 1, !link.isPassedOn
        else { return nil }
        if case .root(let root) = link.reference.holder, root.kind == .stack { return .wordOnStack }
        return link.reference.offset > 0 ? .wordIntoIt(offset: link.reference.offset) : nil
    }

    /// A word that may be stale, or no pointer at all.
    package enum Hold: Equatable, Sendable {
        case wordOnStack
        /// Not at its start.
        case wordIntoIt(offset: UInt64)
    }
}

extension Heap {
    /// What the heap itself tells of an object's colour: all there is before a scan.
    package func explanation(of id: ObjectID) -> Explanation {
        guard objects.flags[id.index].contains(.allocated) else { return .freed }
        return switch objects.minCounts[id.index] {
        case -1: .ignored
        case 0: .needsNoReference
        default: .notScanned
        }
    }
}
