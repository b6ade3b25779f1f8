import SystemPackage

/// The folder of what is kept between runs.
///
/// XDG Base Directory Specification: `$XDG_CONFIG_HOME`, where it is an absolute path, else `~/.config`.
struct ConfigurationFolder {
    /// Nil where neither variable names a folder.
    let path: FilePath?

    init(environment: [String: String]) {
        let absolute = { (name: String) in environment[name].map { FilePath($0) }.flatMap { $0.isAbsolute ? $0 : nil } }
        path = (absolute("XDG_CONFIG_HOME") ?? absolute("HOME")?.appending(".config"))?.appending("kmemtop")
    }
}
