import Scanner

/// Which scan pages and panes tell of: the last one, or what is supposed instead.
struct ScanTold: Equatable, Sendable {
    let scans: Int
    let suppositions: [Supposition]
}

extension AppState {
    var scanTold: ScanTold { ScanTold(scans: kmemleak.scanCount, suppositions: whatIf?.suppositions ?? []) }
    var recordingTold: ScanRecording? { whatIf?.recording ?? kmemleak.recording }
}
