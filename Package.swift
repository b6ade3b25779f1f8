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
    package.targets += [
        .systemLibrary(name: "CVTerm", path: "Tests/CVTerm", providers: [.apt(["libvterm-dev"])]),
        .testTarget(name: "TerminalTests", dependencies: ["kmemtop", "CVTerm", "Inspector"]),
    ]
}

// Times the engine on a generated heap: `KMEMTOP_MEASURE=1 swift run -c release EngineMeasure`.
if Context.environment["KMEMTOP_MEASURE"] != nil {
    package.targets.append(.executableTarget(name: "EngineMeasure", dependencies: ["Scanner"], path: "Benchmarks/EngineMeasure"))
}
