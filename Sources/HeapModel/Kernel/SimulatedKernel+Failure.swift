extension SimulatedKernel {
    /// What a simulated kernel cannot do.
    package enum Failure: Error, Hashable, Sendable {
        case slab(SlabAllocator.Failure)
        case overlapsMemory(AddressRange)
        case overlapsObject(Address)
        case outOfMemory
        /// A capture's kernel stands still.
        case noKernel
        case unknown(String)
        case nameTaken(String)
        case unmapped(Address)
        case pidTaken(Int32)
        case noTask(Int32)
        case vmalloc(VmallocAllocator.Failure)
        case perCPU(PerCPUAllocator.Failure)
    }
}

extension SimulatedKernel.Failure: CustomStringConvertible {
    /// One sentence, to stand behind a place.
    package var description: String {
        switch self {
        case .slab(.tooLarge): "the size must be from 1 byte to 4 MiB, or up to 16 MiB with a cache of its own"
        case .slab(.wrongSize(let size)): "this cache has objects of \(size) bytes"
        case .slab(.outOfMemory): "the linear map has no room for another page"
        case .slab(.outside): "the address lies outside the linear map and every area"
        case .slab(.notASlot): "the address is not where an object of this cache can begin"
        case .slab(.memoryLimit): "more than \(SimulatedKernel.memoryLimit >> 20) MiB of memory"
        case .slab(.inUse): "the address is in use already, or belongs to another cache"
        case .overlapsMemory(let range): "memory at \(range.start) (size \(range.size)) overlaps memory that is there already"
        case .overlapsObject(let address): "the block overlaps the live object at \(address)"
        case .outOfMemory: "more than \(SimulatedKernel.memoryLimit >> 20) MiB of memory"
        case .noKernel: "there is no kernel that could do it"
        case .unknown(let name): "no live object is called \"\(name)\""
        case .nameTaken(let name): "a live object is called \"\(name)\" already"
        case .unmapped(let address): "there is no memory at \(address)"
        case .pidTaken(let pid): "there is a task with the pid \(pid) already"
        case .noTask(let pid): "expected the pid of a task, found \(pid)"
        case .vmalloc(.full): "vmalloc space has no room for it"
        case .vmalloc(.taken): "the address is in use already"
        case .vmalloc(.unaligned): "expected an address divisible by \(SlabAllocator.pageSize)"
        case .perCPU(.full): "the per-CPU chunk has no room for it"
        case .perCPU(.taken): "there is other memory where the per-CPU chunk has to be"
        }
    }
}
