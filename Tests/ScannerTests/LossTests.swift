import HeapModel
import Scanner
import Testing

/// Which write made an object unreachable.
struct LossTests {
    private struct Played {
        let names: [String: Address]
        let stories: [String: LossStory]

        init(_ scenario: Scenario, commands: [String] = ["scan", "scan"]) throws {
            var machine = try Machine(scenario)
            for command in commands {
                machine.advance(by: Microseconds(10_000_000))
                try machine.write(command)
            }
            let recording = try #require(machine.kmemleak.recording), end = Moment(recording: recording, tick: .max)
            let lost = end.heap.objects.ids.filter { end.shade(of: $0) == .white }
            let told = try #require(machine.losses(of: lost, in: end.heap))
            names = machine.names
            stories = Dictionary(uniqueKeysWithValues: machine.names.compactMap { name, address in
                end.index.virtual.object(at: address).flatMap { told[$0] }.map { (name, $0) }
            })
        }

        func loss(_ name: String) throws -> Loss {
            guard case .lost(let loss) = try #require(stories[name]) else { throw Missing() }
            return loss
        }
    }

    private struct Missing: Error {}

    @Test func aNodeIsLostByTheSecondOfTwoWrites() throws {
        let test = try Played(Scenario(builtIn: "lost-list-node")), loss = try test.loss("node3")
        let (before, after) = try (#require(test.names["node2"]), #require(test.names["node4"]))
        #expect(loss.word.address == after + 8 && loss.word.holder == .block(after))
        #expect(loss.fate == .overwritten(with: before.rawValue, pointingTo: before))
        #expect(loss.time == Microseconds(12_000_000) && loss.caller == .task(pid: 214, comm: "worker"))
        #expect(loss.file == "lost-list-node.yaml" && loss.line == 84)
        #expect(test.stories.keys.sorted() == ["node3"])
    }

    @Test func aRingIsLostByTheWordFromOutside() throws {
        let test = try Played(Scenario(builtIn: "cycle")), loss = try test.loss("ring0")
        #expect(loss.word.address == Address(0xffff_ffff_82a0_0500) && loss.fate == .overwritten(with: 0, pointingTo: nil))
        #expect(loss.time == Microseconds(12_000_000) && loss.caller == .task(pid: 214, comm: "worker"))
        // The others were never held but by the ring.
        #expect(["ring1", "ring2", "ring3", "tail"].map { test.stories[$0] } == [.neverHeld, .neverHeld, .neverHeld, .neverHeld])
    }

    @Test func whatWasNeverStoredWasNeverHeld() throws {
        let lost = ["leak0_kzalloc", "leak1_kcalloc", "leak1_kzalloc"]
        let test = try Played(Scenario(builtIn: "hub-probe"))
        #expect(test.stories == Dictionary(uniqueKeysWithValues: lost.map { ($0, .neverHeld) }))
        // A word on a stack holds even when stacks are left out: nothing was lost.
        let off = try Played(Scenario(builtIn: "hub-probe"), commands: ["stack=off", "scan"])
        #expect(off.stories == test.stories)
    }

    /// Not a word of memory changes, but whose it is.
    @Test func aBlockIsLostWithItsHolder() throws {
        let test = try Played(Scenario(yaml: Array("""
            name: holder
            kernel: {release: 6.12.4, arch: x86_64, hz: 250}
            linear: {start: 0xffff888004000000, size: 0x400000}
            memory: [{kind: data, name: .data, start: 0xffffffff82a00000, size: 4096}]
            tasks: [{pid: 1, comm: init, stack: 0xffffc90000010000}]
            steps:
              - time: 1.000
              - alloc: {name: owner, size: 64}
              - store: {pointer: owner, at: .data}
              - alloc: {name: block, size: 64}
              - store: {pointer: block+8, at: owner+0x10}
              - time: 2.000
              - free: owner
            """.utf8), file: "holder.yaml"))
        let loss = try test.loss("block")
        #expect(loss.fate == .holderWent && loss.word.address.rawValue % 64 == 0x10 && loss.line == 13)
    }
}
