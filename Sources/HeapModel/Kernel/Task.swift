/// A task of the simulated kernel.
package struct Task: Hashable, Sendable {
    package let pid: Int32
    package let comm: String
    /// Its kernel stack, THREAD_SIZE bytes.
    package let stack: AddressRange

    package init(pid: Int32, comm: String, stack: AddressRange) {
        self.pid = pid
        self.comm = comm
        self.stack = stack
    }
}
