import HeapModel
import Scanner

/// Leaks that one piece of code made, those with the same backtrace; or those that are lost by one cause.
package struct LeakGroup: Sendable {
    /// What a group's leaks have in common; it stays the same from scan to scan.
    package enum Key: Hashable, Sendable {
        case trace(TraceID)
        /// Where no backtrace was kept, blocks of one size by one command.
        case untraced(Comm, size: UInt64)
        /// What falls with the object there.
        case cause(Address)
        /// What falls with several causes.
        case shared
    }

    package let key: Key
    /// In creation order; at least one.
    package fileprivate(set) var objects: [ObjectID]
    package fileprivate(set) var bytes: UInt64 = 0
    /// When the first and the last of them were allocated.
    package fileprivate(set) var oldest: Jiffies
    package fileprivate(set) var youngest: Jiffies
    /// Who allocated them, each once, in creation order.
    package fileprivate(set) var comms: [Comm]
    /// Where they were allocated: "hub_probe+0x144/0x804", or its address; nil without a backtrace.
    package let site: String?
    /// "cycle of 3 + 12 objects, 3.4 KiB"; nil where every leak stands by itself.
    package let note: String?
}

/// What puts leaks into one group.
package enum LeakGrouping: Sendable {
    case backtrace, cause

    /// Before the order: "causes by bytes".
    var title: String { self == .cause ? "causes " : "" }
    var noun: String { self == .cause ? "cause" : "group" }
}

/// The order of the groups: what comes first has most of it.
package enum LeakOrder: String, CaseIterable, Sendable {
    case bytes, count, age

    package var title: String { rawValue }

    package var next: LeakOrder {
        switch self {
        case .bytes: .count
        case .count: .age
        case .age: .bytes
        }
    }
}

/// A line of the table of leaks.
package enum LeakRow: Hashable, Sendable {
    case group(LeakGroup.Key)
    /// One of the leaks of an open group.
    case object(ObjectID, LeakGroup.Key)

    package var key: LeakGroup.Key {
        switch self {
        case .group(let key), .object(_, let key): key
        }
    }
}

/// The leaks of a moment, grouped by backtrace.
///
/// Made of `AppState.leaks` and of the objects they are: to be made anew when one of them changes, as at another moment.
package struct LeakGroups: Sendable {
    /// Sorted.
    package private(set) var groups: [LeakGroup]
    package let count: Int
    package let bytes: UInt64

    /// - Parameter causes: of the same heap, if they are to be grouped by.
    /// - Complexity: O(n) for n leaks
    package init(_ leaks: some Sequence<ObjectID>, in heap: Heap, by order: LeakOrder = .bytes, causes: LeakCauses? = nil) {
        let objects = heap.objects
        var groups: [LeakGroup] = [], places: [LeakGroup.Key: Int] = [:]
        for id in leaks {
            let row = id.index, size = objects.sizes[row], comm = objects.comms[row], jiffies = objects.jiffies[row]
            let (byCause, cause) = causes.map { Self.cause(of: id, $0, objects) } ?? (nil, nil)
            let key = byCause ?? objects.traces[row].map { .trace($0) } ?? .untraced(comm, size: size)
            let place = places[key] ?? groups.count
            if place == groups.count {
                places[key] = place
                let site = heap.allocationSite(of: cause?.members.first ?? id).map { heap.symbols[$0] ?? $0.description }
                let note = key == .shared ? "with several causes" : cause?.note
                groups.append(LeakGroup(
                    key: key, objects: [], oldest: jiffies, youngest: jiffies, comms: [], site: key == .shared ? "" : site, note: note))
            }
            groups[place].objects.append(id)
            groups[place].bytes.add(size)
            if !jiffies.isAtOrAfter(groups[place].oldest) { groups[place].oldest = jiffies }
            if jiffies.isAtOrAfter(groups[place].youngest) { groups[place].youngest = jiffies }
            if !groups[place].comms.contains(comm) { groups[place].comms.append(comm) }
        }
        count = groups.reduce(0) { $0 + $1.objects.count }
        bytes = groups.reduce(into: 0) { $0.add($1.bytes) }
        self.groups = groups
        if let causes { putCausesFirst(causes) }
        sort(by: order)
    }

    private static func cause(
        of id: ObjectID, _ causes: LeakCauses, _ objects: ObjectTable
    ) -> (key: LeakGroup.Key?, cause: LeakCauses.Cause?) {
        switch causes.role(of: id) {
        case nil: return (nil, nil)
        case .shared: return (.shared, nil)
        case .cause(let index), .dragged(let index):
            let cause = causes.causes[index]
            return (cause.members.first.map { .cause(objects.pointers[$0.index]) }, cause)
        }
    }

    private mutating func putCausesFirst(_ causes: LeakCauses) {
        func isCause(_ id: ObjectID) -> Bool { if case .cause = causes.role(of: id) { true } else { false } }
        for place in groups.indices {
            let objects = groups[place].objects
            groups[place].objects = objects.filter(isCause) + objects.filter { !isCause($0) }
        }
    }

    /// Those of the moment shown.
    package init(_ state: AppState, by order: LeakOrder = .bytes) { self.init(state.leaks, in: state.heap, by: order) }

    /// Equal ones stay in the order of their first leaks' creation. What falls with several causes is no cause, and last.
    private mutating func sort(by order: LeakOrder) {
        func isBefore(_ left: LeakGroup, _ right: LeakGroup) -> Bool {
            switch order {
            case _ where (left.key == .shared) != (right.key == .shared): right.key == .shared
            case .bytes where left.bytes != right.bytes: left.bytes > right.bytes
            case .count where left.objects.count != right.objects.count: left.objects.count > right.objects.count
            case .age where left.oldest != right.oldest: right.oldest.isAtOrAfter(left.oldest)
            case .bytes, .count, .age: left.objects[0] < right.objects[0]
            }
        }
        groups.sort(by: isBefore)
    }

    package subscript(key: LeakGroup.Key) -> LeakGroup? { groups.first { $0.key == key } }

    /// The lines of the table: the groups, and the leaks of those that are open.
    package func rows(open: Set<LeakGroup.Key>) -> [LeakRow] {
        groups.flatMap { group in
            [.group(group.key)] + (open.contains(group.key) ? group.objects.map { .object($0, group.key) } : [])
        }
    }
}

extension UInt64 {
    /// Stops at the largest number: sizes may come from a file that is not to be trusted.
    fileprivate mutating func add(_ other: UInt64) {
        let (sum, overflowed) = addingReportingOverflow(other)
        self = overflowed ? .max : sum
    }
}
