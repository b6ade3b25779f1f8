/// What is kept between runs in a YAML file of its own.
package protocol Keepable: Equatable, Sendable {
    /// As it is without a file.
    init()
    init(yaml: [UInt8], file: String) throws(SettingsError)
    /// The whole file, comments included.
    var yaml: String { get }
    /// This, as another run may have left it, with what turned `old` into `new`.
    func applying(changesFrom old: Self, to new: Self) -> Self
}
