extension SimulatedKernel {
    /// What a simulated kernel cannot do.
    package enum Failure: Error, Hashable, Sendable {
        case allocation(AllocationFailure)
        case overlapsMemory(AddressRange)
        case overlapsObject(Address)
        /// A capture's kernel stands still.
        case noKernel
        case unknown(String)
        case nameTaken(String)
        case unmapped(Address)
        case pidTaken(Int32)
        case noTask(Int32)
    }
}

extension SimulatedKernel.Failure: CustomStringConvertible {
    /// One sentence, to stand behind a place.
    package var description: String {
        switch self {
        case .allocation(.tooLarge): "the size must be from 1 byte to 4 MiB, or up to 16 MiB with a cache of its own"
        case .allocation(.wrongSize(let size)): "this cache has objects of \(size) bytes"
        case .allocation(.outOfMemory): "there is no room for another page"
        case .allocation(.outside): "the address lies outside the linear map and every area"
        case .allocation(.notASlot): "the address is not where such a block can begin"
        case .allocation(.inUse): "the address is in use already, or belongs to another cache"
        case .allocation(.notAllocated): "there is no live object at the address"
        case .allocation(.memoryLimit): "more than \(SimulatedKernel.memoryLimit >> 20) MiB of memory"
        case .allocation(.overlapsMemory(let range)), .overlapsMemory(let range):
            "memory at \(range.start) (size \(range.size)) overlaps memory that is there already"
        case .overlapsObject(let address): "the block overlaps the live object at \(address)"
        case .noKernel: "there is no kernel that could do it"
        case .unknown(let name): "no live object is called \"\(name)\""
        case .nameTaken(let name): "a live object is called \"\(name)\" already"
        case .unmapped(let address): "there is no memory at \(address)"
        case .pidTaken(let pid): "there is a task with the pid \(pid) already"
        case .noTask(let pid): "expected the pid of a task, found \(pid)"
        }
    }
}
