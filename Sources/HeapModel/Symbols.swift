/// Names for code addresses, as `%pS` prints them: `hub_probe+0x144/0x804`.
package struct Symbols: Sendable {
    private var names: [Address: String]

    package init(_ names: [Address: String] = [:]) { self.names = names }

    /// nil when the address has no name, as in freed `__init` code of a module.
    package subscript(address: Address) -> String? { names[address] }

    /// Every address that has a name, in no order.
    package var all: some Sequence<(Address, String)> { names.lazy.map { ($0.key, $0.value) } }

    package mutating func define(_ address: Address, _ name: String) { names[address] = name }

    /// The names in a range go, as those of a module that is unloaded.
    package mutating func forget(_ range: AddressRange) { names = names.filter { !range.contains($0.key) } }

    /// The function's name alone: `hub_probe`.
    package func function(_ address: Address) -> String? {
        names[address].map { name in String(name.prefix { $0 != "+" && $0 != " " }) }
    }
}
