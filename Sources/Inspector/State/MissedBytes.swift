import HeapModel
import Scanner

extension AppState {
    /// Bytes of what the scan read that a capture does not hold.
    var missedByteCount: UInt64 { missedBytes?.count ?? 0 }

    /// Finds out about the scan that is told of, if it is another one.
    mutating func updateMissedBytes() {
        guard missedBytes?.scan != scanTold, let recording = recordingTold else { return }
        missedBytes = (scanTold, recording.missedByteCount)
    }

    /// Whether the kernel reported the object before it was captured. A second scan here may know leaks from the first.
    func wasReportedByKernel(_ id: ObjectID) -> Bool {
        guard kmemleak.scanCount == 1, let heap = kmemleak.recording?.heap else { return false }
        return heap.objects.flags[id.index].contains(.reported)
    }
}
