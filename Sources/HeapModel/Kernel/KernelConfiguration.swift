/// What a kernel was configured with and started with, as far as kmemleak cares (`kmemleak.md`, section 8).
package struct KernelConfiguration: Sendable {
    package struct Item: Hashable, Sendable {
        /// As a .config file or a command line spells it.
        package let text: String
        /// What it means to kmemleak.
        package let note: String
    }

    package struct Group: Sendable {
        package let title: String
        package let items: [Item]
    }

    package let groups: [Group]

    package init(_ profile: KernelProfile, _ boot: BootOptions) {
        let isOld = profile.style.hasEarlyLog
        let buffer = isOld
            ? Item(text: "CONFIG_DEBUG_KMEMLEAK_EARLY_LOG_SIZE=\(boot.earlyLogSize)",
                note: "calls that are kept until kmemleak starts; one more turns it off")
            : Item(text: "CONFIG_DEBUG_KMEMLEAK_MEM_POOL_SIZE=\(boot.memoryPoolSize)",
                note: "records for the time before the slab allocator, and for when it fails")
        let autoScan = isOld ? [] : [Item(
            text: Self.option("CONFIG_DEBUG_KMEMLEAK_AUTO_SCAN", boot.autoScan), note: "the automatic thread starts at boot")]
        let confirming = profile.style.confirmsLeaks ? [Item(
            text: "kmemleak.min_unref_scans=\(boot.minUnrefScans)", note: "scans in a row before an object is reported")] : []
        groups = [
            Group(title: "Configuration", items: [
                Item(text: "CONFIG_DEBUG_KMEMLEAK=y", note: "needs DEBUG_KERNEL; selects DEBUG_FS, STACKTRACE, KALLSYMS, CRC32"),
                buffer,
                Item(text: Self.option("CONFIG_DEBUG_KMEMLEAK_DEFAULT_OFF", boot.isDefaultOff), note: "off unless kmemleak=on"),
            ] + autoScan + [Item(text: "CONFIG_HZ=\(profile.hz)", note: "jiffies a second")]),
            Group(title: "Command line", items: [Item(
                text: boot.commandLine.map { "kmemleak=\($0)" } ?? "(no kmemleak=)", note: "on, off")]),
            Group(title: "Module parameters", items: [
                Item(text: "kmemleak.verbose=\(boot.isVerbose ? 1 : 0)", note: "new leaks are printed to the log"),
            ] + confirming),
            Group(title: "Form", items: [Item(
                text: profile.style.rawValue, note: profile.style.summary)]),
        ]
    }

    /// As a .config file has an option that is set, or not.
    private static func option(_ name: String, _ isSet: Bool) -> String { isSet ? "\(name)=y" : "# \(name) is not set" }
}

extension KernelProfile.Style {
    /// What tells this form of kmemleak from the others, in a line.
    package var summary: String {
        switch self {
        case .old: "4.x: one tree, early log, sections as roots, ages in reports"
        case .v6_1: "6.1: memory pool, a tree for physical addresses"
        case .current: "6.9 and later: a tree for per-CPU memory, checksums in reports"
        case .v2026: "2026: a second pass confirms what the first suspects"
        }
    }
}
