/// How a kernel with kmemleak was configured and started (`kmemleak.md`, section 8).
package struct BootOptions: Hashable, Sendable {
    /// What follows `kmemleak=` on the kernel command line; nil when it is not there.
    package var commandLine: String?
    /// CONFIG_DEBUG_KMEMLEAK_DEFAULT_OFF.
    package var isDefaultOff = false
    /// CONFIG_DEBUG_KMEMLEAK_AUTO_SCAN; old kernels have no such option and always scan.
    package var autoScan = true
    /// CONFIG_DEBUG_KMEMLEAK_EARLY_LOG_SIZE, of old kernels: entries.
    package var earlyLogSize = 400
    /// CONFIG_DEBUG_KMEMLEAK_MEM_POOL_SIZE, of later kernels: records.
    package var memoryPoolSize = 16000
    /// The module parameter `verbose`: leaks are printed to the log.
    package var isVerbose = false
    /// The module parameter `min_unref_scans`, of the profile 2026: consecutive scans before an object is reported.
    package var minUnrefScans: UInt32 = 1

    package init() {}
}
