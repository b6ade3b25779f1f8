import Dispatch
import Inspector
@testable import kmemtop
@testable import Scanner
import Testing

/// Another thread's work, and what somebody who waits for it learns of it.
struct BackgroundTests {
    @Test func aValueIsHandedOverOnce() {
        let background = Background { 42 }
        #expect(background.value(within: .seconds(60)) == 42)
        #expect(background.value(within: .milliseconds(1)) == nil)
    }

    @Test func theWorkMayTellHowFarItIsAndBeToldToStop() {
        let isBegun = DispatchSemaphore(value: 0)
        let background = Background {
            WorkProgress.current?.tell(1, of: 4)
            isBegun.signal()
            while WorkProgress.current?.isStopped == false {}
            return "stopped"
        }
        isBegun.wait()
        #expect(background.progress.fraction == 0.25)
        background.progress.stop()
        #expect(background.value(within: .seconds(60)) == "stopped")
    }

    /// A parser of nested text needs more than the threads of a pool have.
    @Test func itsStackIsAsLargeAsThatOfTheFirstThread() {
        @Sendable func depth(_ left: Int) -> Int {
            withUnsafeTemporaryAllocation(byteCount: 1 << 16, alignment: 8) { room in
                room.initializeMemory(as: UInt8.self, repeating: 1)
                return left == 0 ? 0 : 1 + depth(left - 1)
            }
        }
        #expect(Background { depth(90) }.value(within: .seconds(60)) == 90)
    }
}
