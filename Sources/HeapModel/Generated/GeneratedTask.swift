/// Who allocates in a generated heap.
struct GeneratedTask {
    var pid: Int32
    var comm: String
    var context: Context
    var hasStack = true

    /// How the kernel was entered, which is how a backtrace ends.
    enum Context: Int, CaseIterable {
        case boot, syscall, worker, interrupt
    }

    /// The task that boots, interrupts, kernel threads, then programs; more of them in a larger heap.
    static func all(for objects: Int, _ random: inout SplitMix64) -> [GeneratedTask] {
        var tasks = [
            GeneratedTask(pid: 1, comm: "swapper/0", context: .boot),
            GeneratedTask(pid: 0, comm: "softirq", context: .interrupt, hasStack: false),
            GeneratedTask(pid: 0, comm: "hardirq", context: .interrupt, hasStack: false),
        ]
        var pid: Int32 = 2
        for number in 0..<min(max(objects / 500, 2), 250) {
            pid += Int32(1 + random.below(number < 20 ? 3 : 40))
            if random.oneIn(3) {
                let comm = workers[random.below(workers.count)]
                tasks.append(GeneratedTask(pid: pid, comm: comm, context: .worker))
            } else {
                let comm = programs[random.below(programs.count)]
                tasks.append(GeneratedTask(pid: pid, comm: comm, context: .syscall))
            }
        }
        return tasks
    }

    private static let workers = [
        "kworker/0:1", "kworker/1:2", "kworker/u8:0", "kworker/u8:3", "kworker/2:0H", "rcu_preempt", "khugepaged", "kswapd0",
        "jbd2/sda1-8", "ksoftirqd/1", "kauditd", "khubd", "scsi_eh_0", "kcompactd0", "writeback",
    ]
    private static let programs = [
        "systemd", "systemd-journal", "systemd-udevd", "(udev-worker)", "dbus-daemon", "sshd", "bash", "nginx", "postgres",
        "cron", "NetworkManager", "rsyslogd", "containerd", "python3", "modprobe", "mount", "cp", "find", "agetty", "chronyd",
    ]
}
