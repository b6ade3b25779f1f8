import Foundation
@testable import kmemtop
import Testing

struct ClipboardTests {
    @Test func theTextIsWrappedForWhatStandsBetween() {
        let plain = "\u{1b}]52;c;aGk=\u{07}"
        let wrapped = "\u{1b}Ptmux;\u{1b}\u{1b}]52;c;aGk=\u{07}\u{1b}\\", chunk = "\u{1b}P" + plain + "\u{1b}\\"
        let cases: [([String: String], String)] = [
            (["TERM": "xterm-256color"], plain), (["TERM": "foot"], plain), (["TERM": "xterm", "TMUX": ""], plain),
            (["TERM": "tmux-256color"], plain + wrapped), (["TERM": "screen", "TMUX": "/tmp/t,1,0"], plain + wrapped),
            (["TERM": "screen-256color"], chunk), (["TERM": "xterm", "STY": "1.pts"], chunk),
        ]
        for (environment, sequence) in cases {
            #expect(Clipboard(environment: environment).sequence(for: "hi") == sequence, "\(environment)")
        }
    }

    @Test(arguments: ["linux", "linux-16color", "vt100", "vt220", "ansi", "cons25", "eterm-color"])
    func aTerminalThatIgnoresItIsNotAsked(name: String) {
        #expect(Clipboard(environment: ["TERM": name]).sequence(for: "hi") == nil)
    }

    @Test func thatAppleTerminalIgnoresItIsKnown() {
        let environment = ["TERM": "xterm-256color", "TERM_PROGRAM": "Apple_Terminal"]
        #expect(Clipboard(environment: environment).sequence(for: "hi") == nil)
    }

    @Test func noControlCharactersOfTheTextArriveInTheClipboard() throws {
        let text = "a\u{1b}[31m\r\nb\tc\u{9b}\u{07}\u{202e}\nüß"
        let sequence = try #require(Clipboard(environment: ["TERM": "xterm"]).sequence(for: text))
        let base64 = sequence.dropFirst("\u{1b}]52;c;".count).dropLast()
        #expect(base64.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "+/=".contains($0)) })
        let copied = try #require(Data(base64Encoded: String(base64)).map { String(decoding: $0, as: UTF8.self) })
        #expect(copied == "a·[31m\nb·c···\nüß")
    }

    @Test func whatIsTooLongIsNotAsked() {
        let clipboard = Clipboard(environment: ["TERM": "xterm"])
        #expect(clipboard.sequence(for: String(repeating: "x", count: 74_994)) != nil)
        #expect(clipboard.sequence(for: String(repeating: "x", count: 74_995)) == nil)
    }

    @Test func screenGetsChunksThatJoinAgain() throws {
        let text = String(repeating: "kmemleak ", count: 200)
        let plain = try #require(Clipboard(environment: ["TERM": "xterm"]).sequence(for: text))
        let chunked = try #require(Clipboard(environment: ["TERM": "screen"]).sequence(for: text))
        let chunks = chunked.components(separatedBy: "\u{1b}\\").dropLast()
        #expect(chunks.count > 5 && chunks.allSatisfy { $0.hasPrefix("\u{1b}P") && $0.utf8.count <= 256 })
        #expect(chunks.map { $0.dropFirst(2) }.joined() == plain)
    }
}
