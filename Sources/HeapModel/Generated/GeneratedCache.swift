/// The caches a generated heap draws its objects from, with how many of a thousand objects are of each: about 350 bytes on
/// average, most of them small, as in a kernel that has been at work for a while.
struct GeneratedCache {
    var name: String
    /// Bytes that the allocator tells kmemleak.
    var size: Int
    var share: Int
    var isKmalloc: Bool { name.hasPrefix("kmalloc-") }

    /// From one object to the next.
    var stride: Int { (size + 7) & ~7 }
    /// Whole pages, with room for at least eight objects up to 32 KiB.
    var slabSize: Int {
        var size = 4096
        while size < stride * 8, size < 32768 { size *= 2 }
        return size
    }

    private init(_ name: String, _ size: Int, _ share: Int) {
        self.name = name
        self.size = size
        self.share = share
    }

    static let all: [GeneratedCache] = [
        .init("kmalloc-64", 64, 136), .init("kmalloc-8", 8, 16), .init("kmalloc-16", 16, 44), .init("kmalloc-32", 32, 90),
        .init("kmalloc-96", 96, 60), .init("kmalloc-128", 128, 80), .init("kmalloc-192", 192, 50), .init("kmalloc-256", 256, 50),
        .init("kmalloc-512", 512, 50), .init("kmalloc-1k", 1024, 34), .init("kmalloc-2k", 2048, 18), .init("kmalloc-4k", 4096, 14),
        .init("kmalloc-8k", 8192, 4), .init("dentry", 192, 70), .init("kernfs_node_cache", 128, 50), .init("inode_cache", 608, 16),
        .init("ext4_inode_cache", 1096, 22), .init("proc_inode_cache", 672, 8), .init("buffer_head", 104, 40),
        .init("vm_area_struct", 184, 40), .init("anon_vma_chain", 64, 20), .init("maple_node", 256, 22), .init("filp", 232, 18),
        .init("radix_tree_node", 576, 20), .init("cred", 176, 8), .init("task_struct", 9792, 1), .init("signal_cache", 1128, 1),
        .init("skbuff_head_cache", 232, 8), .init("TCPv6", 2456, 1), .init("ip_dst_cache", 188, 2), .init("Acpi-State", 80, 3),
        .init("key_jar", 290, 2), .init("uid_cache", 148, 1), .init("file_lock_ctx", 60, 1),
    ]
}
