import HeapModel

// What the machine-readable result tells beyond the scan's own.
extension LeakCauses {
    /// What a leak is among the others: `cause`, `dragged` with the address of its cause, or `shared` by several.
    func members(on id: ObjectID, in objects: ObjectTable) -> [(String, JSONText)] {
        func told(_ role: String) -> [(String, JSONText)] { [("role", .string(role))] }
        return switch role(of: id) {
        case nil: []
        case .cause: told("cause")
        case .dragged(let cause): told("dragged") + [("cause", .string(address(of: causes[cause], in: objects)))]
        case .shared: told("shared")
        }
    }

    /// The causes of leaks, the one by which most bytes are lost first. `shared_…` is left out where it was not counted.
    func json(_ objects: ObjectTable) -> JSONText {
        .array(causes.filter { $0.total.leaks > 0 }.map { cause in
            let cycle: [(String, JSONText)] = cause.isCycle
                ? [("cycle", .array(cause.members.map { .string(objects.pointers[$0.index].description) }))] : []
            return .object(
                [("address", .string(address(of: cause, in: objects)))] + cycle
                    + [("leaks", .number(cause.total.leaks)), ("bytes", .unsigned(cause.own.bytes))]
                    + cause.dragged.members("dragged") + (cause.shared?.members("shared") ?? []))
        })
    }

    /// Of a cycle, the member that was allocated first.
    private func address(of cause: Cause, in objects: ObjectTable) -> String {
        cause.members.first.map { objects.pointers[$0.index].description } ?? ""
    }
}

extension LeakTotal {
    fileprivate func members(_ name: String) -> [(String, JSONText)] {
        [("\(name)_objects", .number(objects)), ("\(name)_bytes", .unsigned(bytes))]
    }
}

extension RootTable {
    /// What a scan read, by kind; `object` for what it was led to.
    var json: JSONText {
        .array(rows.map { row in
            let kind = switch row.what {
            case .roots(let kind): kind.rawValue
            case .objects: "object"
            }
            return .object([
                ("kind", .string(kind)), ("number", .number(row.count)), ("bytes", .unsigned(row.bytes)),
                ("missing", .unsigned(row.missing)), ("words", .number(row.words)), ("references", .number(row.references)),
                ("scanned", .boolean(row.isScanned)),
            ])
        })
    }
}
