// swift-tools-version: 6.1
import Foundation
import PackageDescription

let package = Package(
    name: "kmemtop",
    products: [.executable(name: "kmemtop", targets: ["kmemtop"])],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-system", from: "1.8.1"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
    ],
    targets: [
        .systemLibrary(name: "CNcurses", providers: [.apt(["libncurses-dev"])]),
        .target(
            name: "HeapModel",
            dependencies: [
                .product(name: "OrderedCollections", package: "swift-collections"),
                .product(name: "SystemPackage", package: "swift-system"),
                .product(name: "Yams", package: "Yams"),
            ],
            resources: [.embedInCode("Scenario/Scenarios")]
        ),
        .target(name: "CEngine"),
        .target(name: "Scanner", dependencies: ["CEngine", "HeapModel"]),
        .target(name: "Inspector", dependencies: ["Scanner"]),
        .executableTarget(
            name: "kmemtop",
            dependencies: [
                "CNcurses", "Inspector",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ]
        ),
        .testTarget(name: "HeapModelTests", dependencies: ["HeapModel"]),
        .testTarget(name: "ScannerTests", dependencies: ["CEngine", "Scanner", .product(name: "Yams", package: "Yams")]),
        .testTarget(name: "InspectorTests", dependencies: ["Inspector"]),
        .testTarget(name: "kmemtopTests", dependencies: ["kmemtop", "Inspector"]),
    ],
    swiftLanguageModes: [.v6]
)

// The screen tests run the program in a terminal emulator: `apt install libvterm-dev`.
if FileManager.default.fileExists(atPath: "/usr/include/vterm.h") {
    // Not linked with: the program is started with it.
    package.products.append(.library(name: "HandlerWatch", type: .dynamic, targets: ["HandlerWatch"]))
    package.targets += [
        .systemLibrary(name: "CVTerm", path: "Tests/CVTerm", providers: [.apt(["libvterm-dev"])]),
        .target(name: "HandlerWatch", path: "Tests/HandlerWatch", publicHeadersPath: "."),
        .testTarget(name: "TerminalTests", dependencies: ["kmemtop", "CVTerm", "Inspector"]),
    ]
}

// What `scripts/benchmark.sh` builds; users neither build nor fetch it. The plugin wants its targets in Benchmarks/.
if Context.environment["KMEMTOP_BENCHMARKS"] != nil {
    package.dependencies.append(.package(url: "https://github.com/ordo-one/benchmark", from: "1.38.1", traits: []))
    func benchmarks(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
        .executableTarget(
            name: name, dependencies: dependencies + ["Measuring", .product(name: "Benchmark", package: "benchmark")],
            path: "Benchmarks/\(name)", plugins: [.plugin(name: "BenchmarkPlugin", package: "benchmark")])
    }
    func program(_ name: String, _ dependencies: [Target.Dependency], linking libraries: [String] = []) -> Target {
        .executableTarget(
            name: name, dependencies: dependencies, path: "Benchmarks/\(name)", linkerSettings: libraries.map { .linkedLibrary($0) })
    }
    package.targets += [
        .target(name: "CYardsticks", path: "Benchmarks/CYardsticks"),
        .target(
            name: "Measuring", dependencies: ["CYardsticks", .product(name: "Benchmark", package: "benchmark")], path: "Benchmarks/Measuring"),
        benchmarks("ScanBenchmarks", ["CYardsticks", "Scanner"]),
        benchmarks("ScreenBenchmarks", ["Inspector"]),
        benchmarks("ProcessBenchmarks", ["CYardsticks"]),
        program("RedBlackScan", ["CYardsticks"]),
        program("BoehmMark", ["CYardsticks"], linking: ["gc"]),
        program("MemoryUse", ["Scanner"]),
        program("BenchmarkTable", []),
    ]
}
