import HeapModel

/// Marks and notes on objects: the file `notes.yaml`.
///
/// By source (a built-in scenario's name or the absolute path of a file), then by the object's address.
package struct Notebook: Equatable, Sendable {
    package struct Entry: Equatable, Sendable {
        package fileprivate(set) var isMarked: Bool
        /// One line without control characters; empty without a note.
        package fileprivate(set) var note: String

        package init(isMarked: Bool = false, note: String = "") {
            self.isMarked = isMarked
            self.note = Self.clean(note)
        }

        /// Line ends and control characters become blanks; none at the ends, and one for several.
        private static func clean(_ text: String) -> String {
            var cleaned = String.UnicodeScalarView()
            for scalar in text.unicodeScalars {
                switch scalar.properties.generalCategory {
                case .control, .lineSeparator, .paragraphSeparator: if cleaned.last != " " { cleaned.append(" ") }
                default: cleaned.append(scalar)
                }
            }
            let end = cleaned.lastIndex { $0 != " " }.map { cleaned.index(after: $0) } ?? cleaned.startIndex
            return String(cleaned[..<end].drop { $0 == " " })
        }

        fileprivate var isEmpty: Bool { !isMarked && note.isEmpty }
    }

    private var sources: [String: [Address: Entry]] = [:]

    package init() {}

    package func entries(of source: String) -> [Address: Entry] { sources[source] ?? [:] }

    /// Nil for an object that is neither marked nor noted; setting an entry that says nothing removes it.
    package subscript(source: String, address: Address) -> Entry? {
        get { sources[source]?[address] }
        set {
            var entries = entries(of: source)
            entries[address] = newValue.flatMap { $0.isEmpty ? nil : $0 }
            sources[source] = entries.isEmpty ? nil : entries
        }
    }

    package mutating func setMark(_ isMarked: Bool, at address: Address, in source: String) {
        self[source, address] = Entry(isMarked: isMarked, note: self[source, address]?.note ?? "")
    }

    /// An empty text removes the note.
    package mutating func setNote(_ text: String, at address: Address, in source: String) {
        self[source, address] = Entry(isMarked: self[source, address]?.isMarked ?? false, note: text)
    }
}

// MARK: The file

extension Notebook: Keepable {
    package init(yaml: [UInt8], file: String) throws(SettingsError) {
        do throws(ScenarioError) { try self.init(reading: yaml, file) } catch { throw SettingsError(error) }
    }

    private static let sizeLimit = 1 << 24

    private init(reading yaml: [UInt8], _ file: String) throws(ScenarioError) {
        let what = "a notes file"
        guard let document = try YAMLNode.document(yaml, file: file, what: what, sizeLimit: Self.sizeLimit) else { return }
        for (key, value) in try document.members(what) {
            let source = try key.text("a source")
            for (key, value) in try value.members("the notes on \(source)") {
                let address = try key.address("an address")
                let entry = try value.mapping("a note", keys: ["mark", "note"])
                guard self[source, address] == nil else { throw key.error("\(address) stands here twice") }
                self[source, address] = Entry(
                    isMarked: try entry["mark"]?.flag("mark") ?? false, note: try entry["note"]?.text("note") ?? "")
            }
        }
    }

    package var yaml: String {
        var text = """
            # Marks and notes on objects, by source (a scenario's name or the path of a file) and address. kmemtop writes
            # this file anew when one of them changes.

            """
        for (source, entries) in sources.sorted(by: { $0.key < $1.key }) {
            text += "\n\(YAMLText.scalar(source)):\n"
            for (address, entry) in entries.sorted(by: { $0.key < $1.key }) {
                text += "  \(address):\n"
                if entry.isMarked { text += "    mark: true\n" }
                if !entry.note.isEmpty { text += "    note: \(YAMLText.quoted(entry.note))\n" }
            }
        }
        return text
    }

    /// Object by object.
    package func applying(changesFrom old: Notebook, to new: Notebook) -> Notebook {
        var notebook = self
        for source in Set(old.sources.keys).union(new.sources.keys) {
            let (before, after) = (old.entries(of: source), new.entries(of: source))
            for address in Set(before.keys).union(after.keys) where before[address] != after[address] {
                notebook[source, address] = after[address]
            }
        }
        return notebook
    }
}
