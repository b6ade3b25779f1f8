import HeapModel
import Scanner

/// What a person did to the machine: to take it back, and to tell a colleague how to come to the same place.
package struct Journal: Sendable {
    private(set) var entries: [Entry] = []
    /// How many states before a command are kept.
    private static let limit = 32

    struct Entry: Sendable {
        let deed: Deed
        /// As it was before; nil when it is kept no more, or when only time passed.
        fileprivate(set) var before: State?
    }

    enum Deed: Equatable, Sendable {
        case advance(Microseconds)
        case control(String)

        /// As it is typed at the `:` prompt.
        var text: String {
            switch self {
            case .advance(let span): "advance \(span.seconds)"
            case .control(let command): command
            }
        }
    }

    /// What a command can change.
    struct State: Sendable {
        let machine: Machine
        let playback: Playback?
        let untoldLog: Range<Int>?
        let memoryBefore: Memory?
    }

    mutating func add(_ command: String, before: State) {
        entries.append(Entry(deed: .control(command), before: before))
        let kept = entries.indices.filter { entries[$0].before != nil }
        if kept.count > Self.limit { entries[kept[0]].before = nil }
    }

    /// Time that passes goes on with the time before.
    mutating func add(_ span: Microseconds) {
        guard span.rawValue > 0 else { return }
        if case .advance(let sum)? = entries.last?.deed { entries.removeLast(); return add(sum + span) }
        entries.append(Entry(deed: .advance(span), before: nil))
    }

    /// The last command, if its state is still kept.
    private var lastCommand: Int? {
        entries.lastIndex { if case .control = $0.deed { true } else { false } }.flatMap { entries[$0].before == nil ? nil : $0 }
    }

    var canTakeBack: Bool { lastCommand != nil }

    /// Takes away the last command, and the time after it.
    /// - Returns: the command and the state before it; nil when there is none, or its state is kept no more.
    mutating func takeBack() -> (command: String, before: State)? {
        guard let place = lastCommand, let before = entries[place].before else { return nil }
        let command = entries[place].deed.text
        entries.removeSubrange(place...)
        return (command, before)
    }

    /// As it is given to `--after`.
    var script: String { entries.map(\.deed.text).joined(separator: "; ") }
}

extension Microseconds {
    /// "1.5", exact and without zeros at the end.
    var seconds: String {
        var fraction = String(rawValue % 1_000_000)
        fraction = String(repeating: "0", count: 6 - fraction.count) + fraction
        while fraction.last == "0" { fraction.removeLast() }
        return "\(rawValue / 1_000_000)" + (fraction.isEmpty ? "" : "." + fraction)
    }
}
