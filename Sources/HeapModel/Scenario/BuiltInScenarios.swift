extension Scenario {
    /// The scenarios that come with the program, in the order in which they teach.
    private static let builtIn: [(name: String, yaml: [UInt8])] = [
        ("hub-probe", PackageResources.hub_probe_yaml),
        ("early-log-overflow", PackageResources.early_log_overflow_yaml),
        ("memory-pool-empty", PackageResources.memory_pool_empty_yaml),
        ("lost-list-node", PackageResources.lost_list_node_yaml),
        ("cycle", PackageResources.cycle_yaml),
        ("transient", PackageResources.transient_yaml),
        ("stale-stack", PackageResources.stale_stack_yaml),
        ("integer-alias", PackageResources.integer_alias_yaml),
        ("scan-area", PackageResources.scan_area_yaml),
        ("encoded-pointer", PackageResources.encoded_pointer_yaml),
        ("not-leak", PackageResources.not_leak_yaml),
        ("vmalloc-excess-ref", PackageResources.vmalloc_excess_ref_yaml),
        ("percpu", PackageResources.percpu_yaml),
        ("moving-pointer", PackageResources.moving_pointer_yaml),
        ("moving-pointer-2026", PackageResources.moving_pointer_2026_yaml),
        ("sample-module", PackageResources.sample_module_yaml),
        ("busy", PackageResources.busy_yaml),
    ]

    package static var builtInNames: [String] { builtIn.map(\.name) }

    /// Built-in names that a person may have meant.
    package static func nearestNames(to name: String) -> [String] { NearestNames.to(name, in: builtInNames) }

    /// The file of a built-in scenario, in UTF-8; nil when there is none of that name.
    package static func builtInText(_ name: String) -> [UInt8]? { builtIn.first { $0.name == name }?.yaml }

    /// - Throws: when there is none of that name.
    package init(builtIn name: String) throws(ScenarioError) {
        guard let yaml = Self.builtInText(name) else {
            let near = Self.nearestNames(to: name).first.map { "; did you mean \"\($0)\"?" } ?? ""
            throw ScenarioError(file: name, line: 1, column: 1, message: "expected a built-in scenario, found none of this name" + near)
        }
        try self.init(yaml: yaml, file: name + ".yaml")
    }
}
