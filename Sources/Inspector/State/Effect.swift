/// What the state asks of the world around it. The state itself touches no file and no terminal.
package enum Effect: Equatable, Sendable {
    /// To the clipboard.
    case copy(String)
    case saveSettings
    /// Of a setting that the person did not ask for: it is not worth a word when that fails.
    case saveHint
    case saveNotes
    case write(String, file: String)
    case setMouse(Bool)
}
