/// A heap made up to look like a kernel's, of any size, with leaks that are known beforehand.
///
/// The same options give the same heap on every machine. Which objects are leaks is decided first, and everything is built
/// so that the first scan finds exactly those; no scan is asked.
///
///     layout (where) → fates (what becomes of whom) → contents → links → records
package struct GeneratedHeap: Sendable {
    package let heap: Heap
    /// What the first scan reports, in creation order.
    package let leaks: [ObjectID]

    package init(_ options: GeneratorOptions) {
        var random = SplitMix64(seed: options.seed)
        let tasks = GeneratedTask.all(for: options.objects, &random)
        let layout = GeneratedLayout(options, tasks: tasks, &random)
        let fates = GeneratedFates(layout, options, &random)
        var code = GeneratedCode(objects: options.objects, &random)
        var lostGroups: [[Int]] = []
        let file = MappedFile(size: layout.byteCount) { memory in
            var contents = GeneratedContents(layout, fates, options, in: memory, SplitMix64(seed: random.next()))
            let links = GeneratedLinks(layout, fates, options, in: memory, SplitMix64(seed: random.next()))
            for slot in fates.lost where random.oneIn(3) { contents.leaveStale(layout.starts[Int(slot)]) }
            for global in links.globals { code.nameGlobal(global) }
            lostGroups = links.lostGroups
        }
        let records = GeneratedRecords(layout, fates, tasks, lostGroups, bytes: file.bytes, code: code, random)
        var heap = records.heap
        heap.memory = Memory(
            mapping: file, segments: layout.regions.map { (start: $0.start, count: UInt64($0.count), offset: $0.place) })
        self.heap = heap
        leaks = fates.leaks.map { ObjectID($0) }
    }

    /// What a scan area covers of an object of this size, in bytes.
    static func middle(ofSize size: Int) -> Range<Int> { 16..<16 + (size - 16) / 2 / 8 * 8 }
}
