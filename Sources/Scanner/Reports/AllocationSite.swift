import HeapModel

extension Heap {
    /// The function that asked for the object: the innermost frame that is not the allocator's or kmemleak's own.
    package func allocationSite(of id: ObjectID) -> Address? { allocationSite(in: objects.traces[id.index]) }

    /// The same of all objects with one backtrace.
    package func allocationSite(in trace: TraceID?) -> Address? {
        let frames = traces[trace]
        return frames.first { frame in
            guard let function = symbols.function(frame) else { return true }
            return !Self.isAllocator(function)
        } ?? frames.first
    }

    private static func isAllocator(_ function: String) -> Bool {
        allocatorFunctions.contains(function) || allocatorPrefixes.contains { function.hasPrefix($0) }
    }

    private static let allocatorFunctions: Set<String> = ["__save_stack_trace", "create_object", "__create_object"]
    private static let allocatorPrefixes = [
        "kmemleak_", "kmalloc", "__kmalloc", "kmem_cache_alloc", "__kmem_cache_alloc", "slab_post_alloc", "krealloc",
        "__do_kmalloc", "__do_krealloc", "kmemdup", "kstrdup", "kvmalloc", "vmalloc", "__vmalloc", "vzalloc", "pcpu_alloc",
        "kvasprintf", "kasprintf", "kzalloc", "kcalloc", "memblock_",
    ]
}
