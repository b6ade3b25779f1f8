import HeapModel
import Testing

@testable import Scanner

/// Random programs against the plain kmemleak, and what must hold after each of their steps.
struct KmemleakPropertyTests {
    private static let programs: UInt64 = 10_000, parts: UInt64 = 8

    @Test(arguments: 0..<parts)
    func kmemleakDoesWhatThePlainOneDoes(part: UInt64) {
        var told = 0
        for seed in stride(from: part, to: Self.programs, by: Int(Self.parts)) {
            guard let difference = difference(seed: seed) else { continue }
            Issue.record("seed \(seed): \(difference)")
            told += 1
            if told == 3 { return }
        }
    }

    /// The programs come to all that the language of hooks and commands has.
    @Test func theProgramsShowEveryCase() {
        var cases: [String: Int] = [:]
        for seed in 0..<3000 as Range<UInt64> {
            let program = RandomProgram(seed: seed)
            var reference = ReferenceKmemleak(style: program.style, options: program.options, heap: program.heap)
            for step in program.steps { _ = run(step, on: &reference) }
            for line in reference.log {
                let head = line.text.split(separator: " ").prefix(4).joined(separator: " ")
                cases[String(head.prefix { !$0.isNumber }), default: 0] += 1
            }
            if !reference.read().isEmpty { cases["a report", default: 0] += 1 }
        }
        for head in [
            "kmemleak: Found object by", "kmemleak: Cannot insert ", "kmemleak: Trying to color", "kmemleak: Not scanning unknown",
            "kmemleak: Adding scan area", "kmemleak: Scan area larger", "kmemleak: Setting excess_ref on", "kmemleak: Not resetting the",
            "kmemleak: Cannot allocate a", "kmemleak: Memory pool empty,", "kmemleak: Early log buffer", "kmemleak: Kernel memory leak",
            "kmemleak: Kmemleak disabled without", "kmemleak: Automatic memory scanning", "kmemleak: Unknown object at", "Malformed early option 'kmemleak'",
            "kmemleak: unreferenced object ", "a report",
        ] {
            #expect(cases[head, default: 0] >= 15, "\(head): \(cases[head, default: 0])")
        }
    }

    /// The first difference, with the program up to it; nil when all agrees.
    private func difference(seed: UInt64) -> String? {
        let program = RandomProgram(seed: seed)
        var reference = ReferenceKmemleak(style: program.style, options: program.options, heap: program.heap)
        var kmemleak = Kmemleak(booting: program.heap.profile, options: program.options)
        let options = kmemleak.heap.minUnrefScans
        let isEnabled = kmemleak.heap.isEnabled
        kmemleak.heap = program.heap
        (kmemleak.heap.minUnrefScans, kmemleak.heap.isEnabled) = (options, isEnabled)
        for (number, step) in program.steps.enumerated() {
            let expected = run(step, on: &reference), found = run(step, on: &kmemleak)
            let difference = expected == found
                ? compare(kmemleak, reference) ?? violation(in: kmemleak, after: step)
                : "errno \(found.map(String.init) ?? "none"), not \(expected.map(String.init) ?? "none")"
            guard let difference else { continue }
            let steps = program.steps.prefix(number + 1).map { "\n  \($0)" }.joined()
            return "\(difference)\n  style \(program.style.rawValue), \(program.options)\(steps)"
        }
        return nil
    }

    /// The errno of a write.
    private func run(_ step: RandomProgram.Step, on kmemleak: inout Kmemleak) -> Int32? {
        switch step {
        case .hook(let hook, let caller): kmemleak.call(hook, by: caller)
        case .store(let word, let address): kmemleak.heap.memory.write(word: word, at: Address(address))
        case .command(let text):
            do throws(ControlError) { try kmemleak.write(text) } catch { return error.errno }
        case .wait(let span): kmemleak.advance(by: Microseconds(span))
        case .slabFails(let fails): kmemleak.slabFails = fails
        case .initialize: kmemleak.start()
        case .initializeLate: kmemleak.lateInit()
        case .cleanUp: kmemleak.runPendingWork()
        }
        return nil
    }

    private func run(_ step: RandomProgram.Step, on reference: inout ReferenceKmemleak) -> Int32? {
        switch step {
        case .hook(let hook, let caller): reference.hook(hook, caller)
        case .store(let word, let address):
            for byte in 0..<8 as Range<UInt64> { reference.bytes[address + byte] = UInt8(truncatingIfNeeded: word >> (8 * byte)) }
        case .command(let text): return reference.write(text)
        case .wait(let span): reference.wait(until: reference.now + span)
        case .slabFails(let fails): reference.slabFails = fails
        case .initialize: reference.initialize()
        case .initializeLate: reference.initializeLate()
        case .cleanUp: reference.cleanUp()
        }
        return nil
    }

    // MARK: Comparing

    private func compare(_ kmemleak: Kmemleak, _ reference: ReferenceKmemleak) -> String? {
        let objects = kmemleak.heap.objects
        if objects.count != reference.list.count { return "\(objects.count) objects, not \(reference.list.count)" }
        for (row, record) in reference.list.enumerated() {
            let found = describe(objects[ObjectID(row)], objects.areas[ObjectID(row)] ?? [], kmemleak.heap.traces)
            let expected = describe(record)
            if found != expected { return "object \(row) is \(found), not \(expected)" }
        }
        let lines = kmemleak.log.map { ReferenceKmemleak.Line(time: $0.time.rawValue, text: $0.text) }
        if lines != reference.log {
            let place = zip(lines, reference.log).enumerated().first { $1.0 != $1.1 }?.offset ?? min(lines.count, reference.log.count)
            return "log line \(place) is \(lines.dropFirst(place).first.map { "\($0)" } ?? "missing"), "
                + "not \(reference.log.dropFirst(place).first.map { "\($0)" } ?? "there")"
        }
        if kmemleak.heap.isEnabled != reference.isOn { return "enabled is \(kmemleak.heap.isEnabled)" }
        if kmemleak.heap.scansStacks != reference.scansStacks { return "stacks are \(kmemleak.heap.scansStacks)" }
        if kmemleak.nextAutomaticScan?.rawValue != reference.nextScan { return "next scan \(String(describing: kmemleak.nextAutomaticScan))" }
        if kmemleak.isAutomatic != reference.threadRuns { return "thread is \(kmemleak.isAutomatic)" }
        if kmemleak.scanCount != reference.scans { return "\(kmemleak.scanCount) scans, not \(reference.scans)" }
        if kmemleak.heap.jiffies.rawValue != reference.jiffies { return "jiffies \(kmemleak.heap.jiffies.rawValue), not \(reference.jiffies)" }
        let report = kmemleak.read(), expected = reference.read()
        return report == expected ? nil : "the report is\n\(report)not\n\(expected)"
    }

    private func describe(_ object: TrackedObject, _ areas: [AddressRange], _ traces: TraceDepot) -> String {
        "\(object.pointer.rawValue)+\(object.size) \(object.count)/\(object.minCount) flags \(object.flags.rawValue) "
            + "excess \(object.excessReference.rawValue) crc \(object.checksum) unref \(object.unrefScans) at \(object.jiffies.rawValue) "
            + "\(object.pid) \(object.comm.string) \(traces[object.trace].map(\.rawValue)) \(areas.map { [$0.start.rawValue, $0.size] })"
    }

    private func describe(_ record: ReferenceKmemleak.Record) -> String {
        "\(record.start)+\(record.size) \(record.count)/\(record.needs) flags \(record.flags) "
            + "excess \(record.excess) crc \(record.checksum) unref \(record.unrefScans) at \(record.born) "
            + "\(record.pid) \(record.comm) \(record.trace) \(record.areas.map { [$0.start, $0.size] })"
    }

    // MARK: What must always hold

    private func violation(in kmemleak: Kmemleak, after step: RandomProgram.Step) -> String? {
        let heap = kmemleak.heap, objects = heap.objects
        let rebuilt = ObjectIndex(objects)
        for kind in ObjectKind.allCases where kmemleak.index[kind].ids != rebuilt[kind].ids || kmemleak.index[kind].starts != rebuilt[kind].starts {
            return "the \(kind) tree and the list disagree"
        }
        for id in objects.ids where objects.counts[id.index] < 0 || objects.counts[id.index] > max(objects.minCounts[id.index], 2) {
            // A count grows to min_count at most; not_leak and ignore may lower that later.
            return "count \(objects.counts[id.index]) of \(objects.minCounts[id.index])"
        }
        for leak in heap.reportedLeaks {
            guard let lastScan = heap.lastScan, lastScan - objects.jiffies[leak.index] >= 5 * heap.profile.hz else {
                return "a report of an object younger than 5 s"
            }
        }
        if let recording = kmemleak.recording, !Moment(recording: recording, tick: recording.lastTick).grayList.isEmpty {
            return "the gray list is not empty after a scan"
        }
        if case .command(let text) = step, text.hasPrefix("clear"), !heap.reportedLeaks.isEmpty { return "clear leaves something to report" }
        return nil
    }
}
