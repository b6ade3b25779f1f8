import Scanner

/// A line that is being typed at the foot of the screen.
package struct Prompt: Equatable, Sendable {
    package enum Kind: Hashable, Sendable {
        /// `:`, any command.
        case command
        /// `g`, an address to go to.
        case address
        /// `d`, an address to dump.
        case dump
        /// A yes or no before something that cannot be undone.
        case confirm(ControlCommand)

        package var label: String {
            switch self {
            case .command: ":"
            case .address: "go to address: "
            case .dump: "dump address: "
            case .confirm(let command): "\(command.text) cannot be undone. Type yes to do it: "
            }
        }
    }

    package var kind: Kind
    package var text = ""

    package init(_ kind: Kind, text: String = "") {
        self.kind = kind
        self.text = text
    }
}
