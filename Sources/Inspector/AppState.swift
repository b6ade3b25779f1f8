import HeapModel
import Scanner

/// All that the program knows: the machine it looks at, the scan being watched, and where the person is.
package struct AppState: Sendable {
    /// Scenario name or file name, for the header.
    package let sourceName: String
    package internal(set) var machine: Machine
    /// What the scenario calls its objects, those that are gone included.
    package private(set) var names: [Address: String] = [:]
    /// The last scan and the place in it; nil before the first.
    package internal(set) var playback: Playback?

    package internal(set) var selection: ObjectID?
    package internal(set) var order = ObjectOrder.creation
    /// The objects in the order of the table.
    package internal(set) var rows: [ObjectID] = []
    /// Of the heap on the screen.
    package private(set) var index: ObjectIndex
    /// The objects that `rows` and `selection` are told of.
    private var shownObjects = ObjectTable()
    /// Colours as the heap came with them, for when no scan is being watched.
    package private(set) var storedTotals: [Shade: Int] = [:]
    /// Objects that are a leak at some moment of the scan, in creation order.
    private var leakCandidates: [ObjectID] = []
    /// The first line shown of each pane.
    package internal(set) var scroll: [Pane: Int] = [:]
    package internal(set) var focus = Pane.objects
    /// The pane below the objects where there is room for only one.
    package internal(set) var lowerPane = Pane.scan
    package internal(set) var isFollowing = true

    package internal(set) var prompt: Prompt?
    /// A page that lies over the panes.
    package internal(set) var page: Page?
    package internal(set) var pageScroll = 0
    package internal(set) var message: Message?
    package internal(set) var size: Size
    package internal(set) var wantsToQuit = false
    /// How fast the kernel's clock runs beside the person's; 0: it stands still.
    package internal(set) var clockSpeed: Int
    /// Real time that is not a jiffy of the kernel's yet, in microseconds.
    var clockRest = 0
    /// The lines of the log that tell the outcome of the watched scan, until it has been watched to its end once.
    var untoldLog: Range<Int>?

    package enum Page: Sendable {
        case help, configuration
    }

    package struct Message: Equatable, Sendable {
        package let text: String
        package let isError: Bool
    }

    package init(
        sourceName: String, machine: Machine, size: Size = Size(columns: 80, rows: 24)
    ) {
        self.sourceName = sourceName
        self.machine = machine
        self.size = size
        clockSpeed = machine.scenario?.clockSpeed ?? 0
        index = ObjectIndex(ObjectTable())
        heapChanged()
        selection = rows.first
    }

    package var kmemleak: Kmemleak { machine.kmemleak }

    /// The heap on the screen: as the watched scan found it, or as it is.
    package var heap: Heap { playback?.moment.heap ?? kmemleak.heap }

    /// Where the watched scan stands; nil when there is none.
    package var moment: Moment? { playback?.moment }

    /// The kernel log, without what the scan being watched has yet to say.
    package var visibleLog: [LogLine] {
        var log = kmemleak.log
        if let untoldLog { log.removeSubrange(untoldLog) }
        return log
    }

    /// Milliseconds until something moves by itself; nil when only a key can change the screen.
    package var millisecondsToNextTick: Int32? {
        playback?.isPlaying == true ? 33 : isClockRunning ? 100 : nil
    }

    /// While a scan is looked at, the kernel waits.
    package var isClockRunning: Bool { clockSpeed > 0 && playback == nil && machine.failure == nil }

    /// Finds anew what is kept of the heap on the screen. The selection stays on its object.
    mutating func heapChanged() {
        let heap = heap
        let selected = selection.flatMap { $0.index < shownObjects.count ? shownObjects[$0] : nil }
        shownObjects = heap.objects
        for (name, address) in machine.names.sorted(by: { $0.key > $1.key }) { names[address] = name }
        index = playback?.moment.index ?? ObjectIndex(heap.objects)
        let reported = heap.objects.ids.filter { heap.objects.flags[$0.index].contains(.reported) }
        leakCandidates = (reported + (playback?.recording.leaks.map(\.id) ?? [])).sorted()
        storedTotals = heap.objects.ids.reduce(into: [:]) { $0[Shade(heap.objects.colour(of: $1)), default: 0] += 1 }
        rows = order.sorted(heap.objects)
        selection = selected.flatMap { index[$0.kind].object(at: $0.pointer) } ?? rows.first
    }

    /// Known leaks at this moment, in creation order.
    package var leaks: [ObjectID] { leakCandidates.filter(isLeak) }

    func row(of id: ObjectID) -> Int? {
        switch order {
        case .creation:
            // Ascending, and without a gap unless something was freed meanwhile.
            id.index < rows.count && rows[id.index] == id ? id.index : rows.firstIndex(of: id)
        case .address, .size: rows.firstIndex(of: id)
        }
    }

    mutating func say(_ text: String) { message = Message(text: text, isError: false) }
    mutating func complain(_ text: String) { message = Message(text: text, isError: true) }
}

/// By what the table of objects is sorted.
package enum ObjectOrder: String, CaseIterable, Sendable {
    case creation, address, size

    func sorted(_ objects: ObjectTable) -> [ObjectID] {
        switch self {
        // What was freed while a scan ran has a row in the table until its end.
        case .creation: objects.ids.filter { objects.flags[$0.index].contains(.allocated) }
        case .address: Self.creation.sorted(objects).sorted { objects.pointers[$0.index] < objects.pointers[$1.index] }
        case .size: Self.creation.sorted(objects).sorted { (objects.sizes[$1.index], $0) < (objects.sizes[$0.index], $1) }
        }
    }

    var next: ObjectOrder {
        let all = Self.allCases
        return all[(all.firstIndex(of: self)! + 1) % all.count]
    }
}
