import Foundation
import HeapModel
import Scanner
import SystemPackage

// What a scan takes of memory, in a process that does nothing else: MemoryUse CAPTURE THREADS.
//
// Counted are the process's anonymous pages that are resident (RssAnon), whoever asked for them: the pages of the mapped
// file are not among them. Prints bytes: at the start, with the file open, with graph and recording, at most.

let arguments = CommandLine.arguments
guard arguments.count == 3, let threads = Int(arguments[2]) else {
    FileHandle.standardError.write(Data("usage: MemoryUse CAPTURE THREADS\n".utf8))
    exit(2)
}
let watch = MemoryWatch()
let start = MemoryWatch.bytesNow
let heap = try Capture(FilePath(arguments[1])).heap
let index = ObjectIndex(heap.objects)
let opened = MemoryWatch.bytesNow
guard let scan = heap.scannedStill(index: index, options: Sweep.Options(threads: threads)) else { exit(2) }
let scanned = MemoryWatch.bytesNow
watch.stop()
print("""
    {"objects": \(heap.objects.count), "start": \(start), "opened": \(opened), "scanned": \(scanned), "peak": \(watch.peak), \
    "graph": \(scan.graph?.byteCount ?? 0), "recording": \(scan.byteCount)}
    """)
