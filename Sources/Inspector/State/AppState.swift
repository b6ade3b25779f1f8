import HeapModel
import Scanner

/// All that the program knows: the machine it looks at, the scan being watched, and where the person is.
package struct AppState: Sendable {
    // MARK: What is looked at

    /// What the person called the source; a colleague can open the same with it.
    package let source: String
    /// Scenario name or file name, for the header.
    package let sourceName: String
    package internal(set) var machine: Machine
    /// What the scenario calls its objects, those that are gone included.
    package private(set) var names: [Address: String] = [:]
    /// The last scan and the place in it; nil before the first.
    package internal(set) var playback: Playback?
    /// The lines of the log that tell the outcome of the watched scan, until it has been watched to its end once.
    var untoldLog: Range<Int>?
    /// Memory as the scan before the last one left it; nil when there was none.
    var memoryBefore: Memory?
    /// What was done to the machine since it was opened, and the states before each.
    var journal = Journal()
    package internal(set) var breakpoints: [Breakpoint] = []
    /// Where they stop the last scan, ascending.
    var stops: [BreakpointStop] = []

    /// Of the heap on the screen.
    package private(set) var index: ObjectIndex
    /// The objects that the list and the selection are told of.
    private var shownObjects = ObjectTable()
    /// Colours as the heap came with them, for when no scan is being watched.
    package private(set) var storedTotals: [Shade: Int] = [:]
    /// Objects that are a leak at some moment of the scan, or at present when none is watched, in creation order.
    private var leakCandidates: [ObjectID] = []
    package private(set) var map: AddressMap
    /// What the references and why panes tell, once they are on the screen.
    var relations: Relations?
    /// Kept, as all blocks are looked at for it.
    var unreadBytes: (scan: ScanTold, count: UInt64)?
    /// What the kernel of a capture had reported before it was captured.
    let reportedByKernel: Set<ObjectID>
    /// Of a capture: finds relations without reading all memory.
    var referrers: ReferrerIndex?
    /// How lost objects came to be lost, once the why pane tells of one.
    var losses: Losses?
    /// Which lost objects are the cause of the others, once something on the screen tells of it.
    var causes: LeakCauses?
    /// What the page of the roots tells, and of which scan.
    var rootTable: (scan: ScanTold, table: RootTable)?

    // MARK: Where the person is

    package internal(set) var selection: ObjectID?
    package internal(set) var list = ObjectList()
    package internal(set) var leakState = LeaksState()
    package internal(set) var mapState = MapState()
    package internal(set) var hex = HexState()
    /// What the bytes pane shows instead of the selected object.
    package internal(set) var viewedMemory: ViewedMemory?
    /// The objects looked at before, the last one last.
    var history: [Address] = []
    package internal(set) var search: Search?
    /// Where the cursor was when the search began.
    var searchOrigin = 0
    package internal(set) var logFilter = ""
    /// The first line shown of each pane, and the line with the cursor; nil follows the end.
    package internal(set) var scroll: [Pane: Int] = [:]
    package internal(set) var cursors: [Pane: Int] = [:]
    package internal(set) var focus = Pane.objects
    /// All panes, those used last first.
    package internal(set) var recent: [Pane] = [.objects, .scan, .hex] + Pane.allCases.filter { ![.objects, .scan, .hex].contains($0) }
    package internal(set) var isZoomed = false
    /// Whether the selection goes with the scan now: not after the person has gone elsewhere, until the next step.
    package internal(set) var isFollowing = true
    /// Whether it ever does.
    var followsScans = true

    package internal(set) var prompt: Prompt?
    /// What was typed before at each kind of prompt, the last one last.
    var typed: [Prompt.Kind: [String]] = [:]
    /// A page that lies over the panes.
    package internal(set) var page: Page?
    package internal(set) var pageCursor = 0
    package internal(set) var message: Message?
    /// What is being done meanwhile, told by whoever does it.
    package var work: Work?
    package internal(set) var size: Size
    package internal(set) var wantsToQuit = false
    /// What the program around the state has to do; it takes them away.
    package var effects: [Effect] = []

    package internal(set) var settings: Settings
    /// For the terminal's background, where the settings leave it to that.
    package var terminalTheme = Theme.Kind.dark
    package internal(set) var notebook: Notebook

    /// How fast the kernel's clock runs beside the person's; 0: it stands still.
    package internal(set) var clockSpeed: Int
    /// Real time that is not a jiffy of the kernel's yet, in microseconds.
    var clockRest = 0

    package init(
        source: String? = nil, sourceName: String, machine: Machine, size: Size = Size(columns: 80, rows: 24),
        settings: Settings = Settings(), notebook: Notebook = Notebook()
    ) {
        self.source = source ?? sourceName
        self.sourceName = sourceName
        self.machine = machine
        self.size = size
        self.settings = settings
        self.notebook = notebook
        reportedByKernel = machine.scenario == nil ? Set(machine.heap.reportedObjects) : []
        clockSpeed = machine.scenario?.clockSpeed ?? 0
        index = ObjectIndex(ObjectTable())
        map = AddressMap(machine.heap, index: index)
        heapChanged()
        selection = list.rows.first
    }
}

extension AppState {
    package struct Message: Equatable, Sendable {
        package let text: String
        package let isError: Bool
        /// Microseconds until it goes by itself; an error stays until a key is pressed.
        var timeLeft = 8_000_000
    }

    package var kmemleak: Kmemleak { machine.kmemleak }

    /// The heap on the screen: as the watched scan found it, or as it is.
    package var heap: Heap {
        _read {
            if let playback { yield playback.moment.heap } else { yield machine.kmemleak.heap }
        }
    }

    /// Where the watched scan stands; nil when there is none.
    package var moment: Moment? { playback?.moment }

    /// The kernel log, without what the scan being watched has yet to say, and filtered.
    package var visibleLog: [LogLine] {
        var log = kmemleak.log
        if let untoldLog { log.removeSubrange(untoldLog) }
        return logFilter.isEmpty ? log : log.filter { $0.text.lowercased().contains(logFilter.lowercased()) }
    }

    /// Milliseconds until something moves by itself; nil when only a key can change the screen.
    package var millisecondsToNextTick: Int32? {
        if playback?.isPlaying == true { return 33 }
        if isClockRunning { return 100 }
        return message.flatMap { $0.isError ? nil : Int32($0.timeLeft / 1000 + 1) }
    }

    /// While a scan is looked at, the kernel waits.
    package var isClockRunning: Bool { clockSpeed > 0 && playback == nil && machine.failure == nil }

    /// Finds anew what is kept of the heap on the screen. The selection stays on its object.
    mutating func heapChanged() {
        let heap = heap
        let selected = selection.flatMap { $0.index < shownObjects.count ? shownObjects[$0] : nil }
        shownObjects = heap.objects
        causes = nil
        for (name, address) in machine.names.sorted(by: { $0.key > $1.key }) { names[address] = name }
        index = playback?.moment.index ?? kmemleak.index
        leakCandidates = playback.map { (heap.reportedObjects + $0.recording.leaks.map(\.id)).sorted() } ?? heap.reportedLeaks
        storedTotals = heap.objects.storedTotals
        map = AddressMap(heap, index: index)
        if !breakpoints.isEmpty { updateStops() }
        list.update(self)
        selection = selected.flatMap { index[$0.kind].object(at: $0.pointer) } ?? list.rows.first
        // Another object, or another one in the same place.
        if viewedMemory == nil, hex.cursor >= hexSize ?? 0 { hex.cursor = 0 }
        keepSelectionVisible()
    }

    /// Known leaks at this moment, in creation order.
    package var leaks: [ObjectID] { moment?.leaks(among: leakCandidates) ?? leakCandidates }

    mutating func say(_ text: String) { message = Message(text: text, isError: false) }
    mutating func complain(_ text: String) { message = Message(text: text, isError: true) }
}
