import HeapModel
import Scanner
import Testing

@testable import Inspector

/// Showing a place to a colleague: the command line that `y` copies leads there.
struct PlaceTests {
    /// What a shell makes of a command line, for the quotes that are used here.
    private func words(_ command: String) -> [String] {
        var words: [String] = [""], isQuoted = false
        for character in command {
            if character == "'" { isQuoted.toggle() } else if character == " ", !isQuoted { words.append("") } else {
                words[words.count - 1].append(character)
            }
        }
        return words
    }

    private func reopened(_ command: String, like state: AppState) throws -> AppState {
        let words = words(command)
        #expect(words.prefix(2) == ["kmemtop", state.source])
        let value = { (option: String) in words.firstIndex(of: option).map { words[$0 + 1] } }
        var other = try opened(state.source, columns: state.size.columns, rows: state.size.rows)
        let place = value("--at")?.split(separator: "@").map(String.init)
        let problem = other.open(
            script: value("--after") ?? "", address: place?.first, tick: place.flatMap { $0.count > 1 ? Tick($0[1]) : nil })
        #expect(problem == nil)
        return other
    }

    @Test(arguments: [
        ("hub-probe", ""), ("hub-probe", "S L"), ("hub-probe", "s space } . . . 5 down right"), ("hub-probe", "t S c y S p"),
        ("cycle", "S L 7"), ("stale-stack", "S t S { ."),
    ])
    func theCommandLineLeadsToTheSamePlace(source: String, keys: String) throws {
        var state = try opened(source)
        state.press(keys)
        let other = try reopened(state.placeCommand, like: state)
        #expect(other.selection == state.selection && other.playback?.tick == state.playback?.tick)
        #expect(other.kmemleak.uptime == state.kmemleak.uptime && other.kmemleak.log == state.kmemleak.log)
        #expect(other.leaks == state.leaks && other.kmemleak.scanCount == state.kmemleak.scanCount)
    }

    @Test func timeThatPassedIsAPartOfThePlace() throws {
        var state = try opened("busy")
        state.press("x x")
        for _ in 0..<20 { state.apply(.tick(microseconds: 100_000)) }
        state.press("S")
        let command = state.placeCommand
        #expect(command.contains("--after 'advance 2"), "\(command)")
        let other = try reopened(command, like: state)
        #expect(other.kmemleak.uptime == state.kmemleak.uptime)
        #expect(other.heap.objects.pointers == state.heap.objects.pointers)
    }

    @Test func memoryThatNoObjectHoldsIsAPlaceToo() throws {
        var state = try opened()
        state.press("g")
        state.type(".data+0x40")
        #expect(state.placeCommand == "kmemtop hub-probe --at 0xffffff8008a10040")
        #expect(try reopened(state.placeCommand, like: state).viewedMemory == state.viewedMemory)
    }

    @Test func aStepBehindTheScansEndIsTold() throws {
        var state = try opened()
        #expect(state.open(script: "", address: "hub0", tick: 99_999_999) == "expected a step of the scan from 0 to 15449, found 99999999")
    }

    @Test(arguments: [("scan=abc", "scan=abc"), ("frobnicate", "frobnicate"), ("advance x", "advance")])
    func aScriptThatCannotBeDoneIsTold(script: String, problem: String) throws {
        var state = try opened()
        #expect(state.open(script: script, address: nil, tick: nil)?.contains(problem) == true)
    }
}
