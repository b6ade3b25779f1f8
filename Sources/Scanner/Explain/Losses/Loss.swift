import HeapModel

/// How an object of a simulated heap came to be lost: what became of the last word that pointed at it from outside of all
/// that is lost.
package struct Loss: Equatable, Sendable {
    package let word: Word
    package let fate: Fate
    /// When, since boot.
    package let time: Microseconds
    package let caller: Caller.Context
    /// Where the scenario says so.
    package let file: String
    package let line: Int

    /// A word that held an object.
    package struct Word: Equatable, Sendable {
        package let address: Address
        package let value: UInt64
        package let holder: Holder
    }

    package enum Holder: Equatable, Sendable {
        case root(Root)
        /// A block, by its first byte: it may be gone by now.
        case block(Address)
    }

    package enum Fate: Equatable, Sendable {
        /// Something else was written there; with the start of the object that it points into, if it does.
        case overwritten(with: UInt64, pointingTo: Address?)
        /// The word is still there, or somebody else's; but its holder was freed, or is no root any more.
        case holderWent
        /// Its memory was given back.
        case memoryWent
    }
}

/// What is told of a lost object.
package enum LossStory: Equatable, Sendable {
    case lost(Loss)
    /// It was held by nothing but itself and others that are lost, as long as it is there.
    case neverHeld
}
