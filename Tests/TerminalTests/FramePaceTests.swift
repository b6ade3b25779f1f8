@testable import kmemtop
import Testing

struct FramePaceTests {
    private let start = ContinuousClock.now

    /// A pace after a refresh that took this long, and the time at its end.
    private func pace(after refresh: Duration) -> (FramePace, ContinuousClock.Instant) {
        var pace = FramePace()
        pace.shown(from: start, to: start + refresh)
        return (pace, start + refresh)
    }

    @Test func aFastTerminalIsShownEveryFrame() {
        let (pace, end) = pace(after: .milliseconds(4))
        #expect(FramePace().allows(.animation, at: start) && pace.allows(.animation, at: end))
    }

    @Test(arguments: [(50, 400), (100, 800), (4000, 2000)])
    func aSlowTerminalRestsBetweenTheFramesOfAnAnimation(milliseconds: Int, rest: Int) {
        let (pace, end) = pace(after: .milliseconds(milliseconds))
        #expect(!pace.allows(.animation, at: end))
        #expect(!pace.allows(.animation, at: end + .milliseconds(rest - 1)))
        #expect(pace.allows(.animation, at: end + .milliseconds(rest)))
    }

    @Test func anAnswerDoesNotWait() {
        let (pace, end) = pace(after: .seconds(4))
        #expect(pace.allows(.answer, at: end))
    }

    @Test func aPromptRefreshEndsTheRest() {
        var (pace, end) = pace(after: .seconds(4))
        pace.shown(from: end, to: end + .milliseconds(1))
        #expect(pace.allows(.animation, at: end + .milliseconds(1)))
    }
}
