import ArgumentParser
import Scanner

/// `ADDRESS[@TICK]` on the command line: an object, and the instant of the scan at which it is looked at.
struct PlaceArgument: ExpressibleByArgument, Equatable, CustomStringConvertible {
    /// As it was written; what it means depends on the source.
    let address: String
    /// Words examined; nil: now, or the end of the scan.
    let tick: Tick?

    init(address: String, tick: Tick? = nil) {
        self.address = address
        self.tick = tick
    }

    /// The tick stands behind the last `@`.
    init?(argument: String) {
        let (address, tick): (Substring, Substring?) = argument.lastIndex(of: "@").map {
            (argument[..<$0], argument[argument.index(after: $0)...])
        } ?? (argument[...], nil)
        guard !address.isEmpty else { return nil }
        self.address = String(address)
        guard let tick else {
            self.tick = nil
            return
        }
        // Int alone would take a sign.
        guard tick.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }), let number = Tick(tick) else { return nil }
        self.tick = number
    }

    /// Gives the same place when it is read again.
    var description: String { address + (tick.map { "@\($0)" } ?? "") }
    var defaultValueDescription: String { description }
}
