import HeapModel

extension LeakCauses {
    /// The causes that more than one object is lost by, a line each; none where every leak stands alone.
    func lines(_ heap: Heap) -> [String] {
        let told = causes.filter { $0.total.leaks > 0 }, tell = told.filter { $0.total.objects > 1 || ($0.shared?.objects ?? 0) > 0 }
        guard !tell.isEmpty else { return [] }
        let alone = told.count - tell.count
        return ["what no other leak points at" + (alone > 0 ? ", but for \(alone) that stand\(alone == 1 ? "s" : "") alone:" : ":")]
            + tell.map { "  " + line($0, heap) }
    }

    private func line(_ cause: Cause, _ heap: Heap) -> String {
        let address = cause.members.first.map { heap.objects.pointers[$0.index].description } ?? ""
        let cycle = cause.isCycle ? ["cycle of \(cause.members.count), \(cause.own.bytes) bytes"] : []
        let dragged = cause.dragged.objects > 0 ? ["drags along " + cause.dragged.text] : []
        let shared = cause.shared.map { $0.objects > 0 ? ["shares " + $0.text] : [] } ?? []
        return address + "  " + (cycle + dragged + shared).joined(separator: "; ")
    }
}

extension LeakTotal {
    /// "2 objects, 192 bytes"
    fileprivate var text: String { "\(objects) object\(objects == 1 ? "" : "s"), \(bytes) bytes" }
}
