/// One field of all objects, in creation order: an array; or of a capture, the field where it stands in the file's records,
/// which takes no memory. What is changed of that stands beside it, as long as it is little.
///
/// Columns are asked for millions of rows from other modules. `@inlinable` alone is none there for what is not public:
/// `@usableFromInline` has to be said of the types, too.
@usableFromInline package struct Column<Element: RecordField>: RandomAccessCollection, MutableCollection, Sendable {
    @usableFromInline var elements: [Element] = []
    /// nil for an array.
    @usableFromInline var records: ColumnRecords<Element>?
    /// What is different from the records, or from the array.
    @usableFromInline var changes: [Int: Element] = [:]

    @inlinable package init(_ elements: [Element]) { self.elements = elements }

    /// An array that others have, too, with a few differences.
    package init(_ elements: [Element], but changes: [Int: Element]) {
        (self.elements, self.changes) = (elements, changes)
        limitChanges()
    }

    /// - Parameters:
    ///   - offset: where the first record has the field.
    ///   - stride: bytes of a record.
    /// - Precondition: the file has all of it.
    init(in file: MappedFile, at offset: Int, stride: Int, count: Int) {
        records = file.bytes.baseAddress.flatMap { base in
            count == 0 ? nil : ColumnRecords(base: base + offset, stride: stride, count: count, file: file)
        }
    }

    @inlinable package var startIndex: Int { 0 }
    @inlinable package var endIndex: Int { records?.count ?? elements.count }

    /// Whether it is as in the file, and takes no memory.
    package var isMapped: Bool { records != nil && changes.isEmpty }

    @inlinable package subscript(row: Int) -> Element {
        get {
            if !changes.isEmpty, let changed = changes[row] { return changed }
            guard let records else { return elements[row] }
            return records[row]
        }
        set {
            if records == nil, changes.isEmpty { elements[row] = newValue } else { change(row, to: newValue) }
        }
    }

    @usableFromInline mutating func change(_ row: Int, to element: Element) {
        changes[row] = element
        limitChanges()
    }

    /// Many changes take more than an array.
    private mutating func limitChanges() { if changes.count > count / 16 { flatten() } }

    /// From here on it is an array of its own.
    private mutating func flatten() {
        guard records != nil || !changes.isEmpty else { return }
        (elements, records, changes) = (array, nil, [:])
    }

    /// All elements, for whoever goes through them: without a look for changes at each.
    package var array: [Element] {
        var all = records.map { records in (0..<records.count).map { records[$0] } } ?? elements
        for (row, changed) in changes { all[row] = changed }
        return all
    }

    mutating func append(_ element: Element) {
        flatten()
        elements.append(element)
    }

    mutating func remove(at row: Int) {
        flatten()
        elements.remove(at: row)
    }

    mutating func reserveCapacity(_ capacity: Int) { elements.reserveCapacity(capacity) }
}

/// A field in the records of a mapped file.
// Sendable: what `base` points to is mapped read-only, for as long as `file` is held.
@usableFromInline package final class ColumnRecords<Element: RecordField>: @unchecked Sendable {
    /// Where the first record has the field.
    @usableFromInline let base: UnsafeRawPointer
    @usableFromInline let stride: Int
    @usableFromInline let count: Int
    private let file: MappedFile

    init(base: UnsafeRawPointer, stride: Int, count: Int, file: MappedFile) {
        (self.base, self.stride, self.count, self.file) = (base, stride, count, file)
    }

    @inlinable package subscript(row: Int) -> Element {
        precondition(row >= 0 && row < count, "there is no such row")
        return Element(inRecord: base + row * stride)
    }
}

extension Column: Equatable {
    @usableFromInline package static func == (left: Column, right: Column) -> Bool {
        switch (left.records, right.records) {
        case (nil, nil) where left.changes.isEmpty && right.changes.isEmpty: left.elements == right.elements
        case (let one?, let other?) where one.base == other.base && left.isMapped && right.isMapped: one.count == other.count
        default: left.elementsEqual(right)
        }
    }
}

extension Column: ExpressibleByArrayLiteral {
    @inlinable package init(arrayLiteral elements: Element...) { self.init(elements) }
}

/// What a column can hold: something that can be read from a capture's record, little-endian.
@usableFromInline package protocol RecordField: Equatable, Sendable {
    /// - Parameter place: of its first byte, at any alignment.
    init(inRecord place: UnsafeRawPointer)
}

extension UInt64: RecordField {
    @inlinable package init(inRecord place: UnsafeRawPointer) { self.init(littleEndian: place.loadUnaligned(as: UInt64.self)) }
}

extension UInt32: RecordField {
    @inlinable package init(inRecord place: UnsafeRawPointer) { self.init(littleEndian: place.loadUnaligned(as: UInt32.self)) }
}

extension Int32: RecordField {
    @inlinable package init(inRecord place: UnsafeRawPointer) { self.init(littleEndian: place.loadUnaligned(as: Int32.self)) }
}

extension Address: RecordField {
    @inlinable package init(inRecord place: UnsafeRawPointer) { self.init(UInt64(inRecord: place)) }
}

extension Jiffies: RecordField {
    @inlinable package init(inRecord place: UnsafeRawPointer) { self.init(UInt64(inRecord: place)) }
}

extension Comm: RecordField {
    @inlinable package init(inRecord place: UnsafeRawPointer) {
        self.init(low: UInt64(inRecord: place), high: UInt64(inRecord: place + 8))
    }
}

extension TraceID?: RecordField {
    @inlinable package init(inRecord place: UnsafeRawPointer) {
        let index = UInt32(inRecord: place)
        self = index == CaptureTable.noTrace ? nil : TraceID(rawValue: index)
    }
}
