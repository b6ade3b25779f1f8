extension SimulatedKernel {
    /// What a simulated kernel cannot do.
    package enum Failure: Error, Hashable, Sendable {
        case slab(SlabAllocator.Failure)
        case overlapsMemory(AddressRange)
        case overlapsObject(Address)
        case outOfMemory
        case unknown(String)
        case nameTaken(String)
        case unmapped(Address)
        /// A scan area past the end of an object of this size.
        case areaTooLarge(UInt64)
    }
}

extension SimulatedKernel.Failure: CustomStringConvertible {
    /// One sentence, to stand behind a place.
    package var description: String {
        switch self {
        case .slab(.tooLarge): "the size must be from 1 to 8192 bytes, or up to 16 MiB with a cache of its own"
        case .slab(.wrongSize(let size)): "this cache has objects of \(size) bytes"
        case .slab(.outOfMemory): "the linear map has no room for another page"
        case .slab(.outside): "the address lies outside the linear map and every area"
        case .slab(.notASlot): "the address is not where an object of this cache can begin"
        case .slab(.inUse): "the address is in use already, or belongs to another cache"
        case .overlapsMemory(let range): "memory at \(range.start) (size \(range.size)) overlaps memory that is there already"
        case .overlapsObject(let address): "the block overlaps the live object at \(address)"
        case .outOfMemory: "more than \(SimulatedKernel.memoryLimit >> 20) MiB of memory"
        case .unknown(let name): "no live object is called \"\(name)\""
        case .nameTaken(let name): "a live object is called \"\(name)\" already"
        case .unmapped(let address): "there is no memory at \(address)"
        case .areaTooLarge(let size): "the scan area is larger than the object, which has \(size) bytes"
        }
    }
}
