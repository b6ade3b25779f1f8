/// A range that every scan reads without being told to by a pointer.
package struct Root: Hashable, Sendable {
    /// In the order in which a scan takes them (`kmemleak.md`, section 4, step 2).
    package enum Kind: String, CaseIterable, Comparable, Sendable {
        case data, bss, percpu
        case structPage = "struct_page"
        case stack

        package static func < (left: Kind, right: Kind) -> Bool {
            allCases.firstIndex(of: left)! < allCases.firstIndex(of: right)!
        }

        /// Sections are read in chunks of 4096 bytes from their raw start; struct pages and stacks in one go.
        package var isChunked: Bool { self != .structPage && self != .stack }
    }

    package var kind: Kind
    package var name: String
    package var range: AddressRange
    /// Of the task, for a stack.
    package var pid: Int32?

    package init(kind: Kind, name: String, range: AddressRange, pid: Int32? = nil) {
        self.kind = kind
        self.name = name
        self.range = range
        self.pid = pid
    }
}
