import HeapModel
import Scanner

/// A column of the table of objects: its heading, its width, what it sorts by.
package enum ObjectColumn: String, CaseIterable, Sendable {
    case mark, address, size, count, age, comm, pid, flags, site

    package var title: String {
        switch self {
        case .mark: "C"
        case .address: "ADDRESS"
        case .size: "SIZE"
        case .count: "COUNT"
        case .age: "AGE"
        case .comm: "COMM"
        case .pid: "PID"
        case .flags: "FLAGS"
        case .site: "ALLOCATED IN"
        }
    }

    /// What sorting by it is called.
    package var label: String {
        switch self {
        case .mark: "colour"
        case .site: "allocation site"
        default: rawValue
        }
    }

    /// Cells, without the blank behind it; nil: what is left.
    package var width: Int? {
        switch self {
        case .mark: 2
        case .address: 18
        case .size: 7
        case .count: 5
        case .age: 6
        case .comm: 11
        case .pid: 5
        case .flags: 9
        case .site: nil
        }
    }

    package var isNumber: Bool { [.size, .count, .age, .pid].contains(self) }

    /// Whether what it shows changes while a scan is watched.
    var dependsOnScan: Bool { self == .mark || self == .count }

    /// Columns that the last one keeps where this one is shown.
    private var siteWidth: Int { self == .pid || self == .flags ? 36 : 20 }

    /// The columns for a pane of this width: the ones that tell most first, in the order in which they stand.
    package static func fitting(_ columns: Int) -> [ObjectColumn] {
        var left = columns
        // The first that has no room ends it: a pid without its comm says little.
        let chosen = [mark, address, size, count, age, comm, pid, flags].prefix { column in
            left -= (column.width ?? 0) + 1
            return left >= column.siteWidth
        }
        return chosen + [.site]
    }
}

/// By what the table of objects is sorted.
package struct ObjectOrder: Equatable, Sendable {
    /// Age is the order of creation.
    package var column = ObjectColumn.age
    package var isReversed = false

    package static let creation = ObjectOrder()

    /// The next column in the table's order.
    var next: ObjectOrder {
        let all = ObjectColumn.allCases
        return ObjectOrder(column: all[(all.firstIndex(of: column)! + 1) % all.count])
    }
}
