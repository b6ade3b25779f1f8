import HeapModel
@testable import Scanner
import Testing

struct WorkProgressTests {
    @Test func aScanTellsHowFarItIs() throws {
        let progress = WorkProgress(), heap = GeneratedHeap(GeneratorOptions(objects: 3000, seed: 1)).heap
        _ = try #require(WorkProgress.$current.withValue(progress) { heap.scannedStill() })
        #expect(progress.fraction > WorkProgress.walk.lowerBound && progress.fraction <= 1)
    }

    @Test func aScanThatIsStoppedLeavesKmemleakAsItWas() throws {
        let heap = GeneratedHeap(GeneratorOptions(objects: 3000, seed: 1)).heap, progress = WorkProgress()
        var machine = Machine(Kmemleak(heap))
        progress.stop()
        try WorkProgress.$current.withValue(progress) { try machine.write(.scan) }
        #expect(machine.kmemleak.scanCount == 0 && machine.kmemleak.recording == nil)
        #expect(machine.kmemleak.heap.objects.counts == heap.objects.counts && machine.kmemleak.heap.objects.flags == heap.objects.flags)
        try machine.write(.scan)
        #expect(machine.kmemleak.scanCount == 1 && machine.kmemleak.recording?.leaks.isEmpty == false)
    }

    /// Then it goes through the words one by one.
    @Test func aScanOfAKernelThatLivesOnIsToldAndStopped() throws {
        let scenario = try Scenario(builtIn: "moving-pointer"), progress = WorkProgress()
        func scanned() throws -> ScanRecording {
            var machine = try Machine(scenario)
            try WorkProgress.$current.withValue(progress) { try machine.write(.scan) }
            return try #require(machine.kmemleak.recording)
        }
        let whole = try scanned()
        #expect(whole.epochs.count > 1 && !whole.wasInterrupted && whole.wordCount > 0)
        #expect(progress.fraction > 0.5 && progress.fraction <= 1)
        progress.stop()
        let stopped = try scanned()
        #expect(stopped.wasInterrupted && stopped.wordCount == 0)
    }

    @Test func noStepIsPlayedOnceItIsToldToStop() throws {
        let text = scenarioText("- repeat: {times: 3, steps: [log: again]}")
        let scenario = try Scenario(yaml: Array(text.utf8), file: "test.yaml"), progress = WorkProgress()
        var machine = try Machine(scenario)
        func play() throws { try WorkProgress.$current.withValue(progress) { try machine.play(scenario.steps, [:]) } }
        let lines = machine.kmemleak.log.count
        try play()
        #expect(machine.kmemleak.log.count == lines + 3)
        progress.stop()
        #expect(throws: ScenarioError.self) { try play() }
        #expect(machine.kmemleak.log.count == lines + 3)
    }
}
