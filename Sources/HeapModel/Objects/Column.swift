/// One field of all objects, in creation order: an array; or of a capture, the field where it stands in the file's records,
/// which takes no memory but for what is changed.
// Sendable: what `base` points to is mapped read-only, for as long as `file` is held.
package struct Column<Element: RecordField>: RandomAccessCollection, MutableCollection, @unchecked Sendable {
    @usableFromInline var elements: [Element]
    /// Where the first record has the field; nil for an array.
    @usableFromInline var base: UnsafeRawPointer?
    /// What is different from the file.
    @usableFromInline var changes: [Int: Element] = [:]
    @usableFromInline let stride: Int
    @usableFromInline let recordCount: Int
    private let file: MappedFile?

    package init(_ elements: [Element]) {
        self.elements = elements
        (base, stride, recordCount, file) = (nil, 0, 0, nil)
    }

    /// - Parameters:
    ///   - offset: where the first record has the field.
    ///   - stride: bytes of a record.
    /// - Precondition: the file has all of it.
    init(in file: MappedFile, at offset: Int, stride: Int, count: Int) {
        elements = []
        base = count == 0 ? nil : file.bytes.baseAddress.map { $0 + offset }
        (self.stride, recordCount, self.file) = (stride, count, file)
    }

    package var startIndex: Int { 0 }
    package var endIndex: Int { base == nil ? elements.count : recordCount }

    /// Whether it is as in the file, and takes no memory.
    package var isMapped: Bool { base != nil && changes.isEmpty }

    @inlinable package subscript(row: Int) -> Element {
        get {
            guard let base else { return elements[row] }
            precondition(row >= 0 && row < recordCount, "there is no such row")
            if !changes.isEmpty, let changed = changes[row] { return changed }
            return Element(inRecord: base + row * stride)
        }
        set {
            guard base != nil else { return elements[row] = newValue }
            changes[row] = newValue
            // An array takes less than a dictionary, then.
            if changes.count > recordCount / 16 { copy() }
        }
    }

    /// From here on it is an array.
    @usableFromInline mutating func copy() {
        guard base != nil else { return }
        elements = Array(self)
        base = nil
        changes = [:]
    }

    mutating func append(_ element: Element) {
        copy()
        elements.append(element)
    }

    mutating func remove(at row: Int) {
        copy()
        elements.remove(at: row)
    }

    mutating func reserveCapacity(_ capacity: Int) { elements.reserveCapacity(capacity) }
}

extension Column: Equatable {
    package static func == (left: Column, right: Column) -> Bool {
        if let base = left.base, base == right.base, left.count == right.count, left.isMapped, right.isMapped { return true }
        return left.base == nil && right.base == nil ? left.elements == right.elements : left.elementsEqual(right)
    }
}

extension Column: ExpressibleByArrayLiteral {
    package init(arrayLiteral elements: Element...) { self.init(elements) }
}

/// What a column can hold: something that can be read from a capture's record, little-endian.
package protocol RecordField: Equatable, Sendable {
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
    package init(inRecord place: UnsafeRawPointer) { self.init(UInt64(inRecord: place)) }
}

extension Jiffies: RecordField {
    package init(inRecord place: UnsafeRawPointer) { self.init(UInt64(inRecord: place)) }
}

extension Comm: RecordField {
    package init(inRecord place: UnsafeRawPointer) { self.init(field: place.loadUnaligned(as: SIMD16<UInt8>.self)) }
}

extension TraceID?: RecordField {
    package init(inRecord place: UnsafeRawPointer) {
        let index = UInt32(inRecord: place)
        self = index == CaptureTable.noTrace ? nil : TraceID(rawValue: index)
    }
}
