/// Reads what a step `expect` asks for.
package enum ScenarioExpectationReader {
    typealias Item = Scenario.Expectation.Item

    static func expectation(_ step: ScenarioStepReader.StepNode) throws(ScenarioError) -> Scenario.Expectation {
        let keys = ScenarioSyntax.keys(ofStep: step.verb)
        _ = try step.fields()
        var items: [Item] = []
        for (key, value) in try step.node.members("expect") {
            let name = try key.text("a key")
            guard let read = readers[name] else { throw key.error("expect has no \"\(name)\"; it has \(keys.joined(separator: ", "))") }
            items += try read(value)
        }
        guard !items.isEmpty else { throw step.node.error("expected something to expect, found nothing") }
        return Scenario.Expectation(items: items)
    }

    /// The names of all that can be expected.
    package static var names: [String] { readers.keys.sorted() }

    private static let readers: [String: @Sendable (YAMLNode) throws(ScenarioError) -> [Item]] = [
        "leaks": { node throws(ScenarioError) in
            node.isList ? [.leaks(try texts(node))] : [.leakCount(try count(node))]
        },
        "new_leaks": { node throws(ScenarioError) in [.newLeaks(try count(node))] },
        "colour": { node throws(ScenarioError) in
            try each(node) { place, value throws(ScenarioError) in .colour(place, try value.choice("a colour")) }
        },
        "count": { node throws(ScenarioError) in
            try each(node) { place, value throws(ScenarioError) in .count(place, Int32(try count(value))) }
        },
        "min_count": { node throws(ScenarioError) in
            try each(node) { place, value throws(ScenarioError) in
                .minCount(place, try value.text("a number") == "-1" ? -1 : Int32(try count(value)))
            }
        },
        "flags": { node throws(ScenarioError) in
            try each(node) { place, value throws(ScenarioError) in .flags(place, UInt32(try value.number("flags", in: 0...255))) }
        },
        "tracked": { node throws(ScenarioError) in
            try each(node) { place, value throws(ScenarioError) in .tracked(place, try value.flag("tracked")) }
        },
        "word": { node throws(ScenarioError) in
            try each(node) { place, value throws(ScenarioError) in .word(place, is: try value.text("a place or a number")) }
        },
        "log": { node throws(ScenarioError) in [.log(try texts(node))] },
        "no_log": { node throws(ScenarioError) in [.noLog(try node.text("a text"))] },
        "report": { node throws(ScenarioError) in [.report(try texts(node))] },
        "objects": { node throws(ScenarioError) in [.objects(try count(node))] },
        "enabled": { node throws(ScenarioError) in [.enabled(try node.flag("enabled"))] },
        "automatic": { node throws(ScenarioError) in [.automatic(try node.flag("automatic"))] },
        "scans": { node throws(ScenarioError) in [.scans(try count(node))] },
    ]

    private static func count(_ node: YAMLNode) throws(ScenarioError) -> Int { Int(try node.number("a number", in: 0...1 << 30)) }

    /// One text, or a list of them.
    private static func texts(_ node: YAMLNode) throws(ScenarioError) -> [String] {
        guard node.isList else { return [try node.text("a text")] }
        var texts: [String] = []
        for item in try node.list("texts") { texts.append(try item.text("a text")) }
        return texts
    }

    private static func each(
        _ node: YAMLNode, _ read: (String, YAMLNode) throws(ScenarioError) -> Item
    ) throws(ScenarioError) -> [Item] {
        var items: [Item] = []
        for (key, value) in try node.members("places") { items.append(try read(try key.text("a place"), value)) }
        return items
    }
}
