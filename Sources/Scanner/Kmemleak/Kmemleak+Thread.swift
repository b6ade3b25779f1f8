import HeapModel

/// The automatic scanning thread (`kmemleak_scan_thread()`; `kmemleak.md`, section 6).
package struct ScanThread: Sendable {
    package internal(set) var isRunning = false
    /// When it will scan next; nil when it does not run, or waits for ever.
    package internal(set) var next: Microseconds?
    /// Between scans (SECS_SCAN_WAIT), until `scan=N` changes it; nil: one scan and then never again.
    package internal(set) var period: Microseconds? = Microseconds(600_000_000)
    /// Whether the next start waits before its first scan: only the first one after boot does (SECS_FIRST_SCAN).
    package internal(set) var waitsFirst = false

    static let firstWait = Microseconds(60_000_000)
    /// A period this long, in seconds, never ends.
    static let endlessPeriod: UInt32 = 2_147_484
}

extension Kmemleak {
    package var isAutomatic: Bool { thread.isRunning }
    package var nextAutomaticScan: Microseconds? { thread.next }

    // MARK: The clock

    /// Moves the clock; automatic scans that fall due on the way take place at their time.
    package mutating func advance(by span: Microseconds, life: ScanLife.Deeds? = nil) {
        advance(to: uptime + span, life: life)
    }

    /// Moves the clock to a time since boot; it never goes back.
    package mutating func advance(to target: Microseconds, life: ScanLife.Deeds? = nil) {
        if target > uptime { runPendingWork() }
        while let due = thread.next, due <= target, WorkProgress.current?.isStopped != true {
            passTime(to: due)
            automaticScan(life: life)
        }
        passTime(to: target)
    }

    /// Moves the clock and does nothing else.
    package mutating func passTime(to time: Microseconds) {
        guard time > uptime else { return }
        // Relative, since a capture's jiffies need not be an exact uptime.
        heap.jiffies = heap.jiffies + (time.ticks(hz: heap.profile.hz) - uptime.ticks(hz: heap.profile.hz))
        uptime = time
    }

    // MARK: The thread

    mutating func startThread(life: ScanLife.Deeds?) {
        guard !thread.isRunning else { return }
        thread.isRunning = true
        say("Automatic memory scanning thread started")
        if thread.waitsFirst {
            thread.waitsFirst = false
            thread.next = uptime + ScanThread.firstWait
        } else {
            automaticScan(life: life)
        }
    }

    mutating func stopThread() {
        guard thread.isRunning else { return }
        thread.isRunning = false
        thread.next = nil
        say("Automatic memory scanning thread ended")
    }

    mutating func setPeriod(_ seconds: UInt32, life: ScanLife.Deeds?) {
        stopThread()
        guard seconds > 0 else { return }
        thread.period = seconds >= ScanThread.endlessPeriod ? nil : Microseconds(UInt64(seconds) * 1_000_000)
        startThread(life: life)
    }

    private mutating func automaticScan(life: ScanLife.Deeds?) {
        // Decided before the scan, which takes time itself when the kernel lives on.
        thread.next = nil
        scan(life: life)
        if thread.isRunning { thread.next = thread.period.map { uptime + $0 } }
    }
}
