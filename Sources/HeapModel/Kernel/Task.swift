/// A task of the simulated kernel.
package struct Task: Hashable, Sendable {
    package let pid: Int32
    package let comm: String
    /// Its kernel stack, THREAD_SIZE bytes.
    package let stack: AddressRange
    /// Whether the stack came from vmalloc space, and goes back there.
    package let isStackAllocated: Bool

    /// THREAD_SIZE, in bytes.
    package static let stackSize: UInt64 = 16384

    package init(pid: Int32, comm: String, stack: AddressRange, isStackAllocated: Bool = false) {
        self.pid = pid
        self.comm = comm
        self.stack = stack
        self.isStackAllocated = isStackAllocated
    }

    /// The stack as a scan reads it.
    package var root: Root { Root(kind: .stack, name: comm, range: stack, pid: pid) }
}
