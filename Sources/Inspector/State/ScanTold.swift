import HeapModel
import Scanner

/// Which scan pages and panes tell of: the last one, or what is supposed instead. Until something is undone no other is equal.
struct ScanTold: Equatable, Sendable {
    let scans: Int
    let suppositions: [Supposition]
}

extension AppState {
    var scanTold: ScanTold { ScanTold(scans: kmemleak.scanCount, suppositions: whatIf?.suppositions ?? []) }
    /// nil before the first scan.
    package var recordingTold: ScanRecording? { whatIf?.recording ?? kmemleak.recording }

    /// Bytes of what that scan should have read that a capture does not hold.
    var unreadByteCount: UInt64 { unreadBytes?.count ?? 0 }

    mutating func updateUnreadBytes() {
        guard unreadBytes?.scan != scanTold, let recording = recordingTold else { return }
        unreadBytes = (scanTold, recording.unreadByteCount)
    }

    /// To be called when another scan may be told of in the same words.
    mutating func forgetScans() { (relations, losses, rootTable, unreadBytes) = (nil, nil, nil, nil) }
}
