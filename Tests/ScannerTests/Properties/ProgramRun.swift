import HeapModel
import Scanner

/// A program, run on kmemleak and on the reference at the same time.
struct ProgramRun {
    private var program: RandomProgram
    private var reference: ReferenceKmemleak
    private var kmemleak: Kmemleak
    /// What has been run.
    private var steps: [ProgramStep] = []
    /// How much of either log has been compared.
    private var comparedLines = 0, comparedReferenceLines = 0
    private var checkedScans = 0

    init(seed: UInt64) {
        program = RandomProgram(seed: seed)
        let world = program.world
        reference = world.reference()
        if let boot = world.boot {
            kmemleak = Kmemleak(booting: world.profile, options: boot)
            world.furnish(&kmemleak.heap)
        } else {
            let profile = world.profile
            var heap = Heap(profile: profile, jiffies: .at(uptime: Microseconds(ProgramWorld.uptime), hz: profile.hz))
            world.furnish(&heap)
            kmemleak = Kmemleak(heap)
        }
    }

    /// Runs the program; what differs first, or breaks a rule, in words.
    mutating func firstDifference() -> String? {
        if let difference = stateDifference() { return "before the first step: " + difference }
        while let step = program.next(reference) {
            steps.append(step)
            let expected = reference.take(step), error = kmemleak.take(step)
            if error != expected { return "errno \(error), not \(expected)" }
            if let difference = stateDifference() ?? brokenRule(after: step) { return difference }
        }
        return nil
    }

    // MARK: The same as the reference

    private mutating func stateDifference() -> String? {
        objectDifference() ?? logDifference() ?? settingDifference() ?? reportDifference()
    }

    private func objectDifference() -> String? {
        let heap = kmemleak.heap
        if heap.objects.count != reference.records.count {
            let starts = heap.objects.pointers.map(\.description)
            let expected = reference.records.map { reference.hex($0.pointer) }
            return "objects \(starts), not \(expected)"
        }
        for (row, record) in reference.records.enumerated() {
            let id = ObjectID(row), object = heap.objects[id]
            func differs(_ field: String, _ found: some Equatable, _ expected: some Equatable) -> String {
                "object \(row) at \(object.pointer): \(field) \(found), not \(expected)"
            }
            if object.pointer.rawValue != record.pointer {
                return differs("pointer", object.pointer, reference.hex(record.pointer))
            }
            if object.size != record.size { return differs("size", object.size, record.size) }
            if object.minCount != record.minCount { return differs("min_count", object.minCount, record.minCount) }
            if object.count != record.count { return differs("count", object.count, record.count) }
            if object.flags.rawValue != record.flags { return differs("flags", object.flags.rawValue, record.flags) }
            if object.checksum != record.checksum { return differs("checksum", object.checksum, record.checksum) }
            if object.excessReference.rawValue != record.excess {
                return differs("excess_ref", object.excessReference, reference.hex(record.excess))
            }
            if object.jiffies.rawValue != record.jiffies { return differs("jiffies", object.jiffies.rawValue, record.jiffies) }
            if object.unrefScans != record.unrefScans { return differs("unref_scans", object.unrefScans, record.unrefScans) }
            if object.pid != record.pid { return differs("pid", object.pid, record.pid) }
            if object.comm.string != record.comm { return differs("comm", object.comm.string, record.comm) }
            let trace = heap.traces[object.trace].map(\.rawValue)
            if trace != record.trace { return differs("trace", trace, record.trace) }
            let areas = (heap.objects.areas[id] ?? []).map { [$0.start.rawValue, $0.size] }
            let expected = record.areas.map { [$0.start, $0.size] }
            if areas != expected { return differs("areas", areas, expected) }
        }
        return nil
    }

    private mutating func logDifference() -> String? {
        let log = kmemleak.log
        for (time, line) in reference.log[comparedReferenceLines...] {
            comparedReferenceLines += 1
            let found = comparedLines < log.count ? log[comparedLines].text : "no more lines"
            switch line {
            case .text(let text):
                if found != text { return "the log says \"\(found)\", not \"\(text)\"" }
                if log[comparedLines].time.rawValue != time { return "\"\(text)\" at \(log[comparedLines].time), not \(time)" }
                comparedLines += 1
            case .stackDump:
                let next = comparedLines + 1
                guard found.hasPrefix("CPU: "), next < log.count, log[next].text.hasPrefix("Call Trace:")
                else { return "the log says \"\(found)\" where a stack dump should be" }
                comparedLines += 2
                while comparedLines < log.count, !log[comparedLines].text.hasPrefix("kmemleak: ") { comparedLines += 1 }
            }
        }
        return comparedLines < log.count ? "the log says \"\(log[comparedLines].text)\" more" : nil
    }

    private func settingDifference() -> String? {
        let heap = kmemleak.heap
        if kmemleak.uptime.rawValue != reference.uptime { return "uptime \(kmemleak.uptime), not \(reference.uptime)" }
        if heap.jiffies.rawValue != reference.jiffies { return "jiffies \(heap.jiffies), not \(reference.jiffies)" }
        // Before it starts, an old kmemleak is neither on nor off.
        if !reference.logsEarly, heap.isEnabled != reference.isEnabled { return "enabled: \(heap.isEnabled)" }
        if heap.lastScan?.rawValue != reference.lastScan { return "last_scan \(String(describing: heap.lastScan))" }
        if heap.scansStacks != reference.scansStacks { return "scans stacks: \(heap.scansStacks)" }
        if kmemleak.scanCount != reference.scanCount { return "\(kmemleak.scanCount) scans, not \(reference.scanCount)" }
        if kmemleak.isAutomatic != reference.isAutomatic { return "automatic: \(kmemleak.isAutomatic)" }
        if kmemleak.nextAutomaticScan?.rawValue != reference.nextAutomaticScan {
            return "next automatic scan \(String(describing: kmemleak.nextAutomaticScan)), "
                + "not \(String(describing: reference.nextAutomaticScan))"
        }
        return nil
    }

    private func reportDifference() -> String? {
        let text = kmemleak.read(), expected = reference.read()
        return text == expected ? nil : "the file reads\n\(text)not\n\(expected)"
    }

    // MARK: Rules of its own

    private mutating func brokenRule(after step: ProgramStep) -> String? {
        if case .command(let text) = step, text.utf8.starts(with: "clear".utf8), !kmemleak.read().isEmpty {
            return "something is left to report behind clear"
        }
        if case .call = step, let broken = treeDifference() { return broken }
        guard kmemleak.scanCount != checkedScans else { return nil }
        checkedScans = kmemleak.scanCount
        return brokenRuleOfScan()
    }

    /// The trees hold what is on the list, and nothing in them overlaps.
    private func treeDifference() -> String? {
        let objects = kmemleak.heap.objects
        let index = ObjectIndex(objects)
        for kind in ObjectKind.allCases {
            let tree = index[kind]
            let members = objects.ids.filter { id in
                let flags = objects.flags[id.index]
                return flags.contains(.allocated) && ObjectKind(flags) == kind
            }
            if tree.ids.count != members.count { return "\(tree.ids.count) objects in the \(kind) tree, not \(members.count)" }
            for id in members where tree.object(at: objects.pointers[id.index]) != id {
                return "object \(id.index) is not in the \(kind) tree"
            }
            for (lower, upper) in zip(tree.ids, tree.ids.dropFirst())
            where objects.range(of: lower).overlaps(objects.range(of: upper)) {
                return "objects \(lower.index) and \(upper.index) overlap"
            }
        }
        return nil
    }

    private func brokenRuleOfScan() -> String? {
        let objects = kmemleak.heap.objects
        for id in objects.ids {
            let count = objects.counts[id.index], bound = max(objects.minCounts[id.index], 0)
            if !(0...bound).contains(count) { return "object \(id.index): count \(count) is out of bounds" }
        }
        guard let recording = kmemleak.recording else { return "no recording" }
        let scanned = recording.blocks.compactMap { if case .object(let id) = $0.source { id } else { nil } }
        if scanned != recording.passes.flatMap(\.order) { return "the gray list was not emptied" }
        let leaks = recording.leaks.map(\.id.index)
        if leaks != reference.leaks { return "leaks \(leaks), not \(reference.leaks)" }
        let minAge = 5 * recording.heap.profile.hz
        for id in leaks where !recording.now.isAtOrAfter(recording.heap.objects.jiffies[id] + minAge) {
            return "object \(id) was reported too young"
        }
        return nil
    }
}

extension ProgramRun: CustomStringConvertible {
    /// The program as far as it was run.
    var description: String {
        ([program.world.description] + steps.enumerated().map { "\($0 + 1). \($1)" }).joined(separator: "\n")
    }
}

extension Kmemleak {
    /// Takes a step; the errno of a command, 0 for all else.
    fileprivate mutating func take(_ step: ProgramStep) -> Int32 {
        switch step {
        case .start: start()
        case .lateInit: lateInit()
        case .call(let hook, let caller): call(hook, by: caller)
        case .write(let word, let address): heap.memory.write(word: word, at: Address(address))
        case .command(let text):
            do throws(ControlError) { try write(text) } catch { return error.errno }
        case .advance(let microseconds): advance(by: Microseconds(microseconds))
        case .slab(let fails): slabFails = fails
        case .pendingWork: runPendingWork()
        }
        return 0
    }
}
