/// A row of the `ObjectTable`: the object's place in creation order, the order of kmemleak's `object_list`.
package struct ObjectID: Hashable, Comparable, BitwiseCopyable, Sendable {
    package let rawValue: UInt32

    package init(_ index: Int) { rawValue = UInt32(index) }
    package init(rawValue: UInt32) { self.rawValue = rawValue }

    package var index: Int { Int(rawValue) }

    package static func < (left: ObjectID, right: ObjectID) -> Bool { left.rawValue < right.rawValue }
}
