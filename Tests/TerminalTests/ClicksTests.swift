import Inspector
@testable import kmemtop
import Testing

struct ClicksTests {
    private let start = ContinuousClock.now

    @Test func twoPressesAtACellAreADoubleClickAndAThirdBeginsAnew() {
        var clicks = Clicks()
        let events = [0, 100, 200, 300].map { clicks.press(row: 5, column: 7, at: start + .milliseconds($0)) }
        let (click, double) = (Event.click(row: 5, column: 7), Event.doubleClick(row: 5, column: 7))
        #expect(events == [click, double, click, double])
    }

    @Test(arguments: [(400, true), (401, false)])
    func theSecondPressMustComeSoon(milliseconds: Int, isDouble: Bool) {
        var clicks = Clicks()
        _ = clicks.press(row: 1, column: 1, at: start)
        let event = clicks.press(row: 1, column: 1, at: start + .milliseconds(milliseconds))
        #expect(event == (isDouble ? .doubleClick(row: 1, column: 1) : .click(row: 1, column: 1)))
    }

    @Test func theSecondPressMustBeAtTheSameCellAsTheFirst() {
        var clicks = Clicks()
        let cells = [(1, 1), (1, 2), (2, 2), (1, 1)]
        let events = cells.map { clicks.press(row: $0.0, column: $0.1, at: start) }
        #expect(events == cells.map { .click(row: $0.0, column: $0.1) })
    }

    @Test func whatHasMovedIsAnotherCell() {
        var clicks = Clicks()
        _ = clicks.press(row: 1, column: 1, at: start)
        clicks.forget()
        #expect(clicks.press(row: 1, column: 1, at: start) == .click(row: 1, column: 1))
    }
}
