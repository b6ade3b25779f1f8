import HeapModel
import Scanner

// What a lost object is among the others, in words.
extension LeakCauses.Cause {
    /// "cycle of 4 + 1 object, 64 B"; nil for one that stands alone.
    var note: String? {
        let parts = (isCycle ? ["cycle of \(members.count)"] : []) + (dragged.objects > 0 ? ["+ \(dragged.told)"] : [])
        return parts.isEmpty ? nil : parts.joined(separator: " ")
    }
}

extension LeakTotal {
    /// "2 objects, 192 B"
    var told: String { "\(objects) object\(objects == 1 ? "" : "s"), \(ByteSize(bytes))" }
}

extension AppState {
    /// What a white object has to do with the others that are lost, one sentence a line.
    func causeLines(of id: ObjectID, columns: Int) -> [Line] {
        guard let causes, let role = causes.role(of: id) else { return [] }
        let cycle = causes.cycle(of: id).count, dragged = causes.dragged(by: id)
        let sentences: [(text: String, jump: ObjectID?)] = switch role {
        case .cause: [("Cause: nothing else that is lost would hold \(cycle > 1 ? "the cycle" : "it").", nil)]
        case .dragged(let cause): [("Dragged along by \(name(of: causes.causes[cause], columns)).", causes.causes[cause].members.first)]
        case .shared:
            [("Dragged along by more than one:", nil)] + causes.causes(of: id).prefix(Self.causesShown).map {
                ("  " + name(of: causes.causes[$0], columns), causes.causes[$0].members.first)
            }
        }
        let all = sentences + (cycle > 1 ? [("Part of a cycle of \(cycle).", nil)] : [])
            + (dragged.objects > 0 ? [("\(dragged.told) \(dragged.objects == 1 ? "falls" : "fall") with it alone.", nil)] : [])
        return all.flatMap { text, jump in
            [StyledText(text, .strong)].wrapped(columns: columns).map { Line($0, jump: jump.map { .object($0, offset: 0) }) }
        }
    }

    /// Of those that an object is shared by.
    private static let causesShown = 8

    private func name(of cause: LeakCauses.Cause, _ columns: Int) -> String {
        (cause.members.first.map { addressedLabel(of: $0, columns: columns) } ?? "") + (cause.isCycle ? " and its cycle of \(cause.members.count)" : "")
    }

    /// To be called after anything happened: finds the causes anew if something on the screen tells of them.
    mutating func updateCauses() {
        let isTold = leakState.grouping == .cause || page == nil && layout.slots.contains { $0.front == .why }
        if isTold, causes == nil { causes = LeakCauses(of: heapAfterScan, graph: (playback?.recording ?? kmemleak.recording)?.graph(of: heapAfterScan)) }
    }
}
