import ArgumentParser
import Foundation
import Inspector

/// `kmemtop render SOURCE`: the screen after some keys, as text or a picture.
struct Render: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Print the screen as it looks after some keys.",
        discussion: "Keys are separated by blanks: s . . > space pgdn ctrl-f. wait:2.5 lets that many seconds pass."
    )

    enum Format: String, CaseIterable, ExpressibleByArgument {
        case text, ansi, svg
    }

    @Argument(help: "A scenario's name, a scenario file or a capture.", completion: .source)
    var source: String = Source.standardName

    @Option(help: "Columns and rows.")
    var size = ScreenSize(Size(columns: 80, rows: 24))

    @Option(help: "What is typed first.")
    var keys = ""

    @Option(help: "text, ansi (with colours) or svg (a picture).")
    var format = Format.text

    @Option(help: "How many colours ansi has: 2, 8, 16, 256 or 16777216.")
    var colours = 256

    @OptionGroup var screen: ScreenOptions

    func validate() throws {
        guard ColourDepth(rawValue: colours) != nil else {
            throw ValidationError("--colours: expected 2, 8, 16, 256 or 16777216, found \(colours)")
        }
    }

    func run() throws {
        var state = try screen.state(of: Source(source), size: size.size)
        for word in keys.split(separator: " ") {
            for event in try events(word) { state.apply(event) }
        }
        let frame = Screen(state, glyphs: Glyphs(isUnicode: !state.settings.ascii)).frame()
        let text = switch format {
        case .text: frame.text + "\n"
        case .ansi: frame.ansi(Theme(state.themeKind, depth: ColourDepth(rawValue: colours) ?? .palette256)) + "\n"
        case .svg: frame.svg(state.themeKind)
        }
        FileHandle.standardOutput.write(Data(text.utf8))
    }

    private func events(_ word: Substring) throws -> [Event] {
        if let key = Key(parsing: word) { return [.key(key)] }
        if word.hasPrefix("wait:"), let span = Seconds(argument: String(word.dropFirst(5))) {
            return [.tick(microseconds: Int(span.span.rawValue))]
        }
        guard word.first == ":" else {
            throw ValidationError("--keys: no key is called \"\(word)\"; expected a character, space, tab, enter, esc, "
                + "pgup, pgdn, up, down, home, end, ctrl-X, :command or wait:SECONDS")
        }
        return word.map { .key(.character($0)) } + [.key(.named(.enter))]
    }
}

/// `120x40` on the command line.
struct ScreenSize: ExpressibleByArgument {
    let size: Size

    init(_ size: Size) { self.size = size }

    init?(argument: String) {
        let parts = argument.split(separator: "x").compactMap { Int($0) }
        guard parts.count == 2, parts.allSatisfy({ (1...1000).contains($0) }) else { return nil }
        size = Size(columns: parts[0], rows: parts[1])
    }

    var defaultValueDescription: String { "\(size.columns)x\(size.rows)" }
}
