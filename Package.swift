// swift-tools-version: 6.1
import PackageDescription

/// Settings of every Swift target: Swift 6 mode comes from the tools version; these two make
/// existentials visible and let a file use a module's members only when it imports that module.
let swiftSettings: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

/// Kernels are hot in debug builds too, so they are always compiled at -O3; contraction to FMA is
/// licensed here once, except where a kernel forbids it, reassociation only inside the kernels that ask for it.
let kernelSettings: [CSetting] = [
    .define("NDEBUG"),
    .unsafeFlags(["-O3", "-ffp-contract=fast-honor-pragmas", "-fno-math-errno", "-fno-trapping-math"]),
]

/// Tests without numeric loops of their own compile in half the time when only what they test is optimised.
let quickTestSettings: [SwiftSetting] = [.unsafeFlags(["-Onone"])]

let package = Package(
    name: "Trainyard",
    products: [
        .executable(name: "trainyard", targets: ["trainyard"]),
        .library(name: "TrainyardEngine", targets: ["TensorEngine", "NeuralNetworks", "VisionModels", "Training"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
    ],
    targets: [
        // MARK: Floor 0, C
        /** ncurses with wide characters: the terminal driver's library. */
        .systemLibrary(name: "CNcurses", providers: [.apt(["libncurses-dev"])]),
        /** OpenBLAS: matrix products. */
        .systemLibrary(name: "COpenBLAS", providers: [.apt(["libopenblas-openmp-dev"])]),
        /** oneDNN: dense and grouped convolution. */
        .systemLibrary(name: "COneDNN", providers: [.apt(["libdnnl-dev"])]),
        /** turbojpeg, spng and webp: image files to pixels and back. */
        .systemLibrary(name: "CImageCodecs", providers: [.apt(["libturbojpeg0-dev", "libspng-dev", "libwebp-dev"])]),
        /** zlib: gzip and zip files. */
        .systemLibrary(name: "CZlib", providers: [.apt(["zlib1g-dev"])]),
        /** Our own kernels: SIMD loops chosen at run time, and the entry to the one thread pool. */
        .target(name: "CKernels", cSettings: kernelSettings, linkerSettings: [.linkedLibrary("gomp"), .linkedLibrary("m")]),

        // MARK: Floor 1, the engine
        /** Tensors, their storage pool, operations with gradients, the tape, parallelFor. */
        .target(name: "TensorEngine", dependencies: ["CKernels", "COpenBLAS", "COneDNN"]),
        /** Modules, layers, losses, optimisers, schedules. */
        .target(name: "NeuralNetworks", dependencies: ["TensorEngine"]),

        /** Compressed bytes to plain ones. */
        .target(name: "Compression", dependencies: ["CZlib"]),

        // MARK: Floor 2, libraries
        /** The vision architectures, one file a family, and their catalogue. */
        .target(name: "VisionModels", dependencies: ["NeuralNetworks", "TensorEngine"]),
        /** State dictionaries in files, and the parity probe. */
        .target(name: "ModelFiles", dependencies: ["Compression", "NeuralNetworks", "TensorEngine"]),
        /** Dataset formats, image decoding, augmentation, batches. */
        .target(
            name: "Datasets",
            dependencies: ["Compression", "TensorEngine", "CKernels", "CImageCodecs", "CZlib", .product(name: "Yams", package: "Yams")],
            resources: [.embedInCode("Resources/digits.csv.gz")]),
        /** Evaluation measures on plain arrays. */
        .target(name: "Metrics"),

        // MARK: Floor 3, work
        /** A run plan becomes a loop and a stream of events. */
        .target(name: "Training", dependencies: ["TensorEngine", "NeuralNetworks", "ModelFiles", "Datasets", "Metrics"]),
        /** The SQLite store of projects, datasets, runs, metrics, checkpoints and models. */
        .target(name: "Catalog", dependencies: [.product(name: "GRDB", package: "GRDB.swift")]),

        // MARK: Floor 4
        /** The use cases: import, snapshot, validate, estimate, start, stop, resume, export. */
        .target(
            name: "Workbench",
            dependencies: ["TensorEngine", "NeuralNetworks", "VisionModels", "ModelFiles", "Datasets", "Metrics", "Training", "Catalog"]),

        // MARK: Floor 5, the terminal
        /** Cells, layout, widgets, charts, themes, keys; drivers for ncurses and for memory. */
        .target(
            name: "TerminalKit", dependencies: ["CNcurses", .product(name: "Yams", package: "Yams")],
            exclude: ["Resources/direct-colours.ti"],
            resources: [
                .embedInCode("Resources/themes"), .embedInCode("Resources/xterm-direct.terminfo"),
                .embedInCode("Resources/tmux-direct.terminfo"),
            ]),
        /** Wizard, runs table, live view: pure state machines over the workbench. */
        .target(name: "Screens", dependencies: ["TerminalKit", "Workbench", .product(name: "Yams", package: "Yams")]),

        // MARK: Floor 6
        /** The executable: arguments, start-up, signals. */
        .executableTarget(
            name: "trainyard",
            dependencies: ["Screens", "TerminalKit", "Workbench", .product(name: "ArgumentParser", package: "swift-argument-parser")]),

        // MARK: Benchmarks
        /** Times whole training steps; `Benchmarks/compare` runs it in turn with PyTorch. */
        .executableTarget(
            name: "step-benchmark", dependencies: ["TensorEngine", "NeuralNetworks", "VisionModels", "Training"],
            path: "Benchmarks/StepBenchmark"),
        /** Times the runs table on a hundred thousand runs. */
        .executableTarget(name: "runs-benchmark", dependencies: ["Catalog", "Workbench"], path: "Benchmarks/RunsBenchmark"),

        /** Times opening and drawing a run of a million points in twenty series. */
        .executableTarget(
            name: "chart-benchmark", dependencies: ["Catalog", "TerminalKit", "Workbench"], path: "Benchmarks/ChartBenchmark"),

        // MARK: Tests
        .target(name: "TestSupport", dependencies: ["TensorEngine"], path: "Tests/TestSupport"),
        .testTarget(name: "CompressionTests", dependencies: ["Compression"]),
        .testTarget(name: "TensorEngineTests", dependencies: ["TensorEngine", "TestSupport"]),
        .testTarget(
            name: "NeuralNetworksTests", dependencies: ["NeuralNetworks", "TensorEngine", "TestSupport"], resources: [.copy("Goldens")]),
        .testTarget(
            name: "VisionModelsTests", dependencies: ["VisionModels", "ModelFiles", "NeuralNetworks", "TensorEngine", "TestSupport"],
            resources: [.copy("Goldens")]),
        .testTarget(
            name: "ModelFilesTests", dependencies: ["ModelFiles", "NeuralNetworks", "TensorEngine", "TestSupport"],
            resources: [.copy("Fixtures")]),
        .testTarget(name: "DatasetsTests", dependencies: ["Datasets", "TensorEngine", "TestSupport"], resources: [.copy("Fixtures")]),
        .testTarget(name: "MetricsTests", dependencies: ["Metrics"], resources: [.copy("Goldens")]),
        .testTarget(
            name: "TrainingTests",
            dependencies: ["Training", "VisionModels", "NeuralNetworks", "ModelFiles", "TensorEngine", "Datasets", "TestSupport"],
            resources: [.copy("Goldens")]),
        .testTarget(
            name: "CatalogTests", dependencies: ["Catalog", .product(name: "GRDB", package: "GRDB.swift")], swiftSettings: quickTestSettings),
        .testTarget(
            name: "WorkbenchTests",
            dependencies: ["Workbench", "Catalog", "Compression", "Datasets", "ModelFiles", "NeuralNetworks", "Training", "VisionModels"],
            swiftSettings: quickTestSettings),
        .testTarget(name: "TerminalKitTests", dependencies: ["TerminalKit"]),
        .testTarget(
            name: "ScreensTests", dependencies: ["Screens", "TerminalKit", "Workbench"], exclude: ["Goldens"],
            swiftSettings: quickTestSettings),
        .testTarget(name: "trainyardTests", dependencies: ["Compression", "trainyard"], swiftSettings: quickTestSettings),
    ]
)

for target in package.targets where ![.system].contains(target.type) && target.name != "CKernels" {
    target.swiftSettings = (target.swiftSettings ?? []) + swiftSettings
}
