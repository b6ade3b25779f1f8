import Foundation
import Synchronization

/// Watches the process's anonymous memory with a thread of its own, which looks every millisecond.
final class MemoryWatch: Sendable {
    private let highest = Atomic(0)
    private let isOver = Atomic(false)

    init() {
        Thread.detachNewThread { [self] in
            while !isOver.load(ordering: .relaxed) {
                look()
                usleep(1000)
            }
        }
    }

    var peak: Int { highest.load(ordering: .relaxed) }

    func stop() {
        look()
        isOver.store(true, ordering: .relaxed)
    }

    private func look() { highest.max(Self.bytesNow, ordering: .relaxed) }

    /// RssAnon in bytes, from /proc/self/statm: what is resident and not of a file.
    static var bytesNow: Int {
        var text = [UInt8](repeating: 0, count: 128)
        let file = open("/proc/self/statm", O_RDONLY)
        defer { close(file) }
        let count = max(0, read(file, &text, text.count))
        let pages = String(decoding: text.prefix(count), as: UTF8.self).split(separator: " ").compactMap { Int($0) }
        return pages.count > 2 ? (pages[1] - pages[2]) * sysconf(Int32(_SC_PAGESIZE)) : 0
    }
}
