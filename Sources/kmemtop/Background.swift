import Dispatch
import Foundation
import Scanner
import Synchronization

/// A value that a thread of its own works out. Whoever loses interest in it lets go of it.
final class Background<Value: Sendable>: Sendable {
    let progress = WorkProgress()
    let began = ContinuousClock.now
    private let result = Mutex<Value?>(nil)
    private let isDone = DispatchSemaphore(value: 0)

    init(_ work: @escaping @Sendable () -> Value) {
        let thread = Thread { [self] in
            let value = WorkProgress.$current.withValue(progress, operation: work)
            result.withLock { $0 = value }
            isDone.signal()
        }
        // As much as the first thread has.
        thread.stackSize = 8 << 20
        thread.start()
    }

    /// The value, once; nil when it is not there in that time.
    func value(within time: DispatchTimeInterval) -> Value? {
        guard isDone.wait(timeout: .now() + time) == .success else { return nil }
        return result.withLock { $0 }
    }

    var seconds: Double { (ContinuousClock.now - began) / .seconds(1) }
}
