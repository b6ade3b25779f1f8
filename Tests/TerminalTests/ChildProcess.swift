import Glibc

/// How a program ended.
enum ExitStatus: Equatable {
    case exited(Int32)
    case signalled(Int32)

    /// From what `waitpid` gives for a process that has ended.
    init(waitStatus status: Int32) {
        let signal = status & 0x7f
        self = signal == 0 ? .exited(status >> 8 & 0xff) : .signalled(signal)
    }
}

/// The folder of the test runner, beside which SwiftPM puts the program.
let buildDirectory: String = {
    guard let runner = realpath("/proc/self/exe", nil) else { return "." }
    defer { free(runner) }
    let path = String(cString: runner)
    return String(path[..<(path.lastIndex(of: "/") ?? path.startIndex)])
}()

/// Starting a program with a terminal of its own.
enum ChildProcess {
    /// What a program gets that is not told otherwise; nothing of the developer's own (`LINES`, `NO_COLOR`, ...).
    static let environment: [String: String?] = [
        "TERM": "xterm-256color", "LC_ALL": "C.UTF-8", "PATH": "/usr/bin:/bin", "HOME": "/nonexistent",
        "XDG_CONFIG_HOME": configurationFolder,
        // Swift's own crash report takes seconds, and may wait for a key.
        "SWIFT_BACKTRACE": "enable=no",
    ]

    /// A configuration folder of these tests alone.
    static let configurationFolder = newConfigurationFolder()

    /// A configuration folder in which the hints for newcomers have been seen.
    static func newConfigurationFolder() -> String {
        var template = Array("/tmp/kmemtop-tests.XXXXXX".utf8CString)
        let folder = template.withUnsafeMutableBufferPointer { buffer in
            buffer.baseAddress.flatMap { mkdtemp($0) }.map { String(cString: $0) } ?? "/nonexistent"
        }
        mkdir(folder + "/kmemtop", 0o700)
        if let file = fopen(folder + "/kmemtop/config.yaml", "w") {
            fputs("hints_seen: true\n", file)
            fclose(file)
        }
        return folder
    }

    /// Starts a program as the leader of a session whose terminal is its standard input, output and error.
    ///
    /// `fork` is not for a process with threads. posix_spawn makes the session, and the terminal that its leader opens
    /// first becomes the controlling one.
    static func start(_ arguments: [String], terminal: [CChar], environment: [String: String?]) throws -> pid_t {
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        // The threads that run tests block most signals, and a child inherits that.
        var (none, all) = (sigset_t(), sigset_t())
        sigemptyset(&none)
        sigfillset(&all)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setsigdefault(&attributes, &all)
        let setsid: Int16 = 0x80  // POSIX_SPAWN_SETSID, which <spawn.h> hides from Swift
        posix_spawnattr_setflags(&attributes, setsid | Int16(POSIX_SPAWN_SETSIGMASK) | Int16(POSIX_SPAWN_SETSIGDEF))

        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, terminal, O_RDWR, 0)
        posix_spawn_file_actions_adddup2(&actions, 0, 1)
        posix_spawn_file_actions_adddup2(&actions, 0, 2)

        let variables = environment.compactMap { name, value in value.map { "\(name)=\($0)" } }
        let argv = arguments.map { strdup($0) } + [nil]
        let envp = variables.map { strdup($0) } + [nil]
        defer { (argv + envp).forEach { free($0) } }
        var pid: pid_t = 0
        let status = posix_spawn(&pid, arguments[0], &actions, &attributes, argv, envp)
        guard status == 0 else {
            throw PseudoTerminal.Failure(description: "\(arguments[0]): \(String(cString: strerror(status)))")
        }
        return pid
    }
}
