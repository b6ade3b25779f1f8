import HeapModel

extension ScanRecording {
    /// A range that is scanned: a root, or an object from the gray list.
    package struct Block: Sendable {
        package let source: Source
        /// When it is taken up.
        package let tick: Tick

        package enum Source: Hashable, Sendable {
            /// An index of the recording's `roots`.
            case root(Int)
            case object(ObjectID)
        }
    }

    /// The blocks that were scanned, ascending in tick: of each pass the roots, then the gray list.
    package var blocks: Blocks { Blocks(passes: passes) }
}

/// See `ScanRecording.blocks`.
package struct Blocks: RandomAccessCollection, Sendable {
    private let passes: [ScanRecording.Pass]

    init(passes: [ScanRecording.Pass]) { self.passes = passes }

    package var startIndex: Int { 0 }
    package var endIndex: Int { passes.reduce(0) { $0 + $1.blockCount } }

    package subscript(number: Int) -> ScanRecording.Block {
        var number = number
        for pass in passes {
            if number < pass.rootBlocks.count { return pass.rootBlocks[number] }
            if number < pass.blockCount {
                let place = number - pass.rootBlocks.count
                return ScanRecording.Block(source: .object(pass.order[place]), tick: Tick(pass.scannedAt[place]))
            }
            number -= pass.blockCount
        }
        preconditionFailure("there is no such block")
    }
}

extension ScanRecording.Pass {
    fileprivate var blockCount: Int { rootBlocks.count + scannedAt.count }
}
