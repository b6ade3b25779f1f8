import HeapModel
import Testing

@Suite struct KernelProfileTests {
    @Test(arguments: [
        ("4.9.118", .old, false), ("5.6.19", .old, false), ("5.7", .old, true), ("5.10.1", .old, true), ("6", .v6_1, true),
        ("6.1.192-kmemleak", .v6_1, true), ("6.8.0", .v6_1, true), ("6.9-rc1", .current, true), ("7.0", .current, true),
        ("next", .current, true),
    ] as [(String, KernelProfile.Style, Bool)])
    func theReleaseTellsStyleAndAge(release: String, style: KernelProfile.Style, isAtLeast5_7: Bool) {
        let profile = KernelProfile(release: release, architecture: .x86_64)
        #expect(profile.style == style)
        #expect(profile.isAtLeast(5, 7) == isAtLeast5_7)
    }
}
