#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// Waits until the host has taken back what is free, so that it does not do so during what is measured next, of what that is
/// about to use. It begins two seconds after something was freed, and takes a part of all that is free every two seconds.
package func letHostTakeFreeMemory() { sleep(5) }

/// Sees to it that so much of the memory that is free is at hand, by having used it.
///
/// The host of a virtual machine may take memory back that has been free there for seconds (free page reporting). To get it
/// again costs twenty times what the kernel takes to clear it, which says something about the host, not about who asks.
package func provideMemory(byteCount: Int) {
    let memory = mmap(nil, byteCount, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
    guard let memory, memory != MAP_FAILED else { return }
    madvise(memory, byteCount, MADV_HUGEPAGE)
    for page in stride(from: 0, to: byteCount, by: 4096) { memory.storeBytes(of: 1, toByteOffset: page, as: UInt8.self) }
    munmap(memory, byteCount)
}
