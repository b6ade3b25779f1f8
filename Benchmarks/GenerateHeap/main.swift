import Foundation

// Writes a capture of many objects for the benchmarks: GenerateHeap OBJECTS SEED FILE.

let arguments = CommandLine.arguments
guard arguments.count == 4, let count = Int(arguments[1]), let seed = UInt64(arguments[2]) else {
    FileHandle.standardError.write(Data("usage: GenerateHeap OBJECTS SEED FILE\n".utf8))
    exit(2)
}
let heap = GeneratedHeap(objects: count, seed: seed)
defer { heap.bytes.deallocate() }
try CaptureFile(heap).write(to: arguments[3])
