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

    @Test(arguments: [(50, 100), (100, 200), (4000, 2000)])
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

    @Test func theTerminalMayBecomeFasterAgain() {
        var (pace, time) = pace(after: .milliseconds(100))
        var rests: [Duration] = []
        repeat {
            pace.shown(from: time, to: time)
            var rest = Duration.zero
            while !pace.allows(.animation, at: time + rest) { rest += .milliseconds(1) }
            rests.append(rest)
            time += rest
        } while rests.last != .zero
        #expect(rests[0] > .milliseconds(180) && rests == rests.sorted(by: >))
        #expect((20...40).contains(rests.count), "\(rests.count) frames")
    }

    @Test func theNextFrameComesWhenTheTerminalHasReceivedTheOneBefore() {
        var pace = FramePace()
        let time = start
        let asks = [pace.asks(at: time), pace.asks(at: time)]
        #expect(asks == [true, false], "one receipt at a time")
        #expect(!pace.allows(.animation, at: time) && pace.allows(.answer, at: time) && pace.isOwedReceipt)
        pace.received()
        #expect(pace.allows(.animation, at: time) && !pace.isOwedReceipt)
        let asksAgain = pace.asks(at: time)
        #expect(asksAgain && !pace.allows(.animation, at: time + .seconds(4)))
        #expect(pace.allows(.animation, at: time + .seconds(5)), "a receipt may be lost")
        pace.forgetReceipt()
        #expect(pace.allows(.animation, at: time) && !pace.isOwedReceipt)
    }

    @Test func aTerminalThatNeverAnswersIsNotAskedForEver() {
        var pace = FramePace(), time = start, count = 0
        while pace.asks(at: time), count < 100 {
            #expect(!pace.allows(.animation, at: time + .milliseconds(499)))
            time += .milliseconds(500)
            #expect(pace.allows(.animation, at: time))
            count += 1
        }
        #expect(count == 9 && pace.allows(.animation, at: time) && !pace.isOwedReceipt)
        var deaf = FramePace(answers: false)
        let asks = deaf.asks(at: start)
        #expect(!asks)
    }
}
