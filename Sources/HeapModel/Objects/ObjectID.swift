/// A row of the `ObjectTable`: the object's place in creation order, the order of kmemleak's `object_list`.
@frozen @usableFromInline package struct ObjectID: Hashable, Comparable, BitwiseCopyable, Sendable {
    @usableFromInline package let rawValue: UInt32

    @inlinable package init(_ index: Int) { rawValue = UInt32(index) }
    @inlinable package init(rawValue: UInt32) { self.rawValue = rawValue }

    @inlinable package var index: Int { Int(rawValue) }

    @inlinable package static func < (left: ObjectID, right: ObjectID) -> Bool { left.rawValue < right.rawValue }
}
