import HeapModel

/// A small machine: a few pages, a vmalloc area, CPUs, stacks, sections, and how its kernel was configured.
struct ProgramWorld {
    var style: ReferenceKmemleak.Style
    var release: String
    var hz: UInt64
    /// nil: kmemleak has been running for a long time.
    var boot: BootOptions?
    var regions: [(start: UInt64, size: UInt64)] = []
    var roots: [Root] = []
    var perCPUOffsets: [UInt64] = []
    /// Where per-CPU offsets begin, and for how many bytes each CPU has memory behind them.
    var perCPUBase: UInt64 = 0x1000
    let perCPUSize: UInt64 = 64
    var low: (first: UInt64, last: UInt64)?

    let pages: UInt64 = 0xffff_8880_0010_0000
    let vmallocs: UInt64 = 0xffff_c900_0000_1000
    let physToVirt: UInt64 = 0xffff_8880_0000_0000
    /// The uptime of a kernel that was not booted before our eyes.
    static let uptime: UInt64 = 1_000_000_000

    /// Code that has a name, and code that has none any more.
    static let symbols: [UInt64: String] = [
        0xffff_ffff_8133_a008: "hub_probe+0x144/0x804", 0xffff_ffff_8110_5031: "kmalloc_trace+0x11/0x20",
        0xffff_ffff_812a_b020: "usb_probe_interface+0xc0/0x190",
    ]
    static let frames = symbols.keys.sorted() + [0xffff_ffff_a000_5194]

    init(_ random: inout SplitMix64) {
        style = random.pick(.old, .v6_1, .current, .v2026)
        release = switch style {
        case .old: random.once(in: 6) ? "5.3.18" : "4.9.37"
        case .v6_1: "6.1.192"
        case .current: "6.12.1"
        case .v2026: "7.2.0"
        }
        hz = random.pick(100, 250, 250, 1000)
        if !random.once(in: 3) { boot = Self.options(&random) }
        layOut(&random)
    }

    private static func options(_ random: inout SplitMix64) -> BootOptions {
        var options = BootOptions()
        if random.once(in: 12) { options.commandLine = random.pick("off", "on", "on", "maybe", "") }
        options.isDefaultOff = random.once(in: 25)
        options.autoScan = !random.once(in: 3)
        if random.once(in: 4) { options.earlyLogSize = Int(random.number(0...9)) }
        if random.once(in: 4) { options.memoryPoolSize = Int(random.number(0...12)) }
        options.isVerbose = random.once(in: 2)
        options.minUnrefScans = random.pick(1, 1, 1, 2, 3)
        return options
    }

    private mutating func layOut(_ random: inout SplitMix64) {
        // Adjacent pages are separate pieces of memory, which an object may span.
        regions = [(pages, 128), (pages + 128, 96), (pages + 0x1000, 64), (vmallocs, 96)]
        // An offset may look like the address of an ordinary object.
        if random.once(in: 5) { perCPUBase = pages }
        for cpu in 0..<random.number(1...2) {
            let chunk = 0xffff_8880_07c0_0000 + cpu * 0x10000
            regions.append((chunk, perCPUSize))
            perCPUOffsets.append(chunk &- perCPUBase)
        }
        root(.data, ".data", 0xffff_ffff_81c0_0000, random.pick(24, 21))
        root(.bss, ".bss", 0xffff_ffff_8200_0004, 28)
        if random.once(in: 3) { root(.data, ".data..ro_after_init", 0xffff_ffff_81e0_0000, 16) }
        for cpu in perCPUOffsets.indices { root(.percpu, "cpu \(cpu)", 0xffff_8880_07d0_0000 + UInt64(cpu) * 0x1000, 16) }
        root(.structPage, "struct page", 0xffff_ea00_0000_4000, 16)
        root(.stack, "init", 0xffff_c900_0001_0000, 16, pid: 1)
        if random.once(in: 2) { root(.stack, "insmod", 0xffff_c900_0002_0000, 16, pid: 66) }
        if !random.once(in: 4) { low = (0x100, 0x1ff) }
    }

    private mutating func root(_ kind: Root.Kind, _ name: String, _ start: UInt64, _ size: UInt64, pid: Int32? = nil) {
        regions.append((start, size))
        roots.append(Root(kind: kind, name: name, range: AddressRange(start: Address(start), size: size), pid: pid))
    }

    func reference() -> ReferenceKmemleak {
        var machine = ReferenceKmemleak.Machine()
        machine.regions = regions.map { ($0.start, [UInt8](repeating: 0, count: Int($0.size))) }
        machine.roots = roots
        machine.physToVirt = physToVirt
        machine.low = low
        machine.perCPUOffsets = perCPUOffsets
        machine.symbols = Self.symbols
        guard let boot else {
            return ReferenceKmemleak(running: style, release: release, hz: hz, uptime: Self.uptime, on: machine)
        }
        return ReferenceKmemleak(booting: style, release: release, hz: hz, options: boot, on: machine)
    }

    var profile: KernelProfile {
        KernelProfile(
            release: release, architecture: .x86_64, hz: hz, style: KernelProfile.Style(rawValue: style.rawValue)!)
    }

    /// Gives a kernel this machine.
    func furnish(_ heap: inout Heap) {
        for region in regions {
            let added = heap.memory.add(AddressRange(start: Address(region.start), size: region.size))
            precondition(added)
        }
        heap.roots = roots
        heap.physToVirt = physToVirt
        heap.lowPageFrames = low.map { $0.first...$0.last }
        heap.perCPUOffsets = perCPUOffsets
        heap.symbols = Symbols(Dictionary(uniqueKeysWithValues: Self.symbols.map { (Address($0.key), $0.value) }))
    }
}

extension ProgramWorld: CustomStringConvertible {
    var description: String {
        let booting = boot.map {
            "booting with kmemleak=\($0.commandLine ?? "(not given)"), default off \($0.isDefaultOff), auto scan \($0.autoScan), "
                + "early log \($0.earlyLogSize), pool \($0.memoryPoolSize), verbose \($0.isVerbose), "
                + "min_unref_scans \($0.minUnrefScans)"
        }
        let offsets = perCPUOffsets.map { "0x" + String($0, radix: 16) }
        return "\(style) (\(release), HZ \(hz)), \(booting ?? "running for 1000 s"); "
            + "per-CPU offsets \(offsets), low memory \(low.map { "\($0.first)...\($0.last)" } ?? "all")"
    }
}

/// One step of a program.
enum ProgramStep {
    /// `kmemleak_init()` and `kmemleak_late_init()`.
    case start, lateInit
    case call(Hook, by: Caller)
    case write(word: UInt64, at: UInt64)
    case command(String)
    /// Microseconds.
    case advance(UInt64)
    case slab(fails: Bool)
    case pendingWork
}

extension ProgramStep: CustomStringConvertible {
    var description: String {
        switch self {
        case .start: "kmemleak_init()"
        case .lateInit: "kmemleak_late_init()"
        case .call(let hook, let caller): "\(hook) by \(caller.context), \(caller.backtrace.count) frames"
        case .write(let word, let address): "*\(Address(address)) = \(Address(word))"
        case .command(let text): "echo -n \(text.debugDescription)"
        case .advance(let microseconds): "\(microseconds) microseconds later"
        case .slab(let fails): fails ? "the slab allocator fails" : "the slab allocator works again"
        case .pendingWork: "pending work is run"
        }
    }
}

extension ReferenceKmemleak {
    /// Takes a step; the errno of a command, 0 for all else.
    mutating func take(_ step: ProgramStep) -> Int32 {
        switch step {
        case .start: start()
        case .lateInit: lateInit()
        case .call(let hook, let caller): call(hook, by: caller)
        case .write(let word, let address): machine.write(word: word, at: address)
        case .command(let text): return write(command: text)
        case .advance(let microseconds): advance(by: microseconds)
        case .slab(let fails): slabFails = fails
        case .pendingWork: runPendingWork()
        }
        return 0
    }
}
