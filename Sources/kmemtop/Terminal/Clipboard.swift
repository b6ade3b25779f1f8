import Foundation
import Inspector

/// Puts text into the clipboard of the person in front of the terminal, however far away: xterm's OSC 52.
///
/// Nothing answers, and many terminals ask first or have it switched off: it can only be tried.
struct Clipboard {
    /// What stands between the program and the terminal, and keeps what it does not know to itself.
    enum Multiplexer {
        case none, tmux, screen
    }

    /// Terminals by the beginnings of their names that are known to do nothing with it, or to print it.
    private static let deaf = ["linux", "vt", "ansi", "pcansi", "cons25", "hurd", "sun", "wy", "xterm-mono", "eterm"]
    /// xterm's own limit is greater, but hterm and others take no more than 100,000 bytes in base64.
    private static let maximum = 74_994
    /// screen gives up on strings of more than 256 bytes in its older versions, 768 in newer ones.
    private static let screenChunk = 240

    private let mayBeHeard: Bool
    private let multiplexer: Multiplexer

    /// - Parameter environment: `TERM`, `TMUX`, `STY` and `TERM_PROGRAM` count.
    init(environment: [String: String]) {
        let name = environment["TERM"] ?? ""
        let isSet = { (variable: String) in environment[variable]?.isEmpty == false }
        // A remote shell has TERM, but not TMUX and STY.
        multiplexer = isSet("TMUX") || name.hasPrefix("tmux") ? .tmux : isSet("STY") || name.hasPrefix("screen") ? .screen : .none
        mayBeHeard = !Self.deaf.contains(where: name.hasPrefix) && environment["TERM_PROGRAM"] != "Apple_Terminal"
    }

    /// What asks the terminal to take the text; nil when it cannot be hoped for, or the text is too long.
    ///
    /// The clipboard gets what the screen would show: of control characters only the ends of lines.
    func sequence(for text: String) -> String? {
        let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).map { TextWidth.clean($0) }
        let data = Data(lines.joined(separator: "\n").utf8)
        guard mayBeHeard, data.count <= Self.maximum else { return nil }
        let plain = "\u{1b}]52;c;" + data.base64EncodedString() + "\u{07}"
        return switch multiplexer {
        case .none: plain
        // It takes the plain one with `set-clipboard on`, and hands on the other with `allow-passthrough on`.
        case .tmux: plain + "\u{1b}Ptmux;" + plain.replacing("\u{1b}", with: "\u{1b}\u{1b}") + "\u{1b}\\"
        case .screen: Self.inChunks(plain)
        }
    }

    /// Device control strings that screen strips and hands on, so that they join again behind it.
    private static func inChunks(_ plain: String) -> String {
        var rest = Substring(plain), chunks = ""
        while !rest.isEmpty {
            chunks += "\u{1b}P" + rest.prefix(screenChunk) + "\u{1b}\\"
            rest = rest.dropFirst(screenChunk)
        }
        return chunks
    }
}
