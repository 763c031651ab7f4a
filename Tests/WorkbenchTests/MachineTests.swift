import Catalog
import Foundation
import Testing
@testable import Workbench

/// A folder that stands for `/` of some machine.
private func machine(_ home: URL, files: [String: String]) throws -> MachineResources {
    let root = home.appendingPathComponent("machine-\(UUID().uuidString)")
    for (path, text) in files {
        let url = root.appendingPathComponent(path)
        try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        try text.write(to: url, atomically: true, encoding: .utf8)
    }
    return MachineResources(root: root)
}

private let eightCores = [
    "proc/self/status": "Name:\ttrainyard\nCpus_allowed_list:\t0-3,8-11\nMems_allowed:\t1\n",
    "proc/meminfo": "MemTotal:       16777216 kB\nMemFree:         1048576 kB\nMemAvailable:    8388608 kB\n",
]

@Suite struct MachineTests {
    private let folder = FileManager.default.temporaryDirectory.appendingPathComponent("machine-\(UUID().uuidString)")

    private func withMachine(_ extra: [String: String], _ body: (MachineResources) throws -> Void) throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        try body(machine(folder, files: eightCores.merging(extra) { $1 }))
    }

    @Test func affinityAndMemoryWithoutGroups() throws {
        try withMachine(["proc/self/cgroup": "0::/\n", "sys/fs/cgroup/cpu.max": "max 100000\n", "sys/fs/cgroup/memory.max": "max\n"]) {
            #expect($0.cores() == .init(count: 8, source: "affinity 8, no cgroup limit"))
            #expect($0.memory() == .init(totalBytes: 16 << 30, availableBytes: 8 << 30, source: "/proc/meminfo"))
            #expect($0.graphicsProcessors().isEmpty && $0.gpuReason($0.graphicsProcessors()) == "no NVIDIA driver and no other GPU found")
        }
    }

    @Test func theTightestGroupOfVersionTwoHolds() throws {
        try withMachine([
            "proc/self/cgroup": "0::/box/inner\n", "sys/fs/cgroup/box/cpu.max": "150000 100000\n",
            "sys/fs/cgroup/box/inner/cpu.max": "400000 100000\n", "sys/fs/cgroup/box/memory.max": "2147483648\n",
            "sys/fs/cgroup/box/memory.current": "1073741824\n", "sys/fs/cgroup/box/inner/memory.max": "max\n",
        ]) {
            #expect($0.cores() == .init(count: 1, source: "cgroup 1.5, affinity 8"))
            #expect($0.memory() == .init(totalBytes: 2 << 30, availableBytes: 1 << 30, source: "cgroup"))
        }
    }

    @Test func versionOneGroups() throws {
        try withMachine([
            "proc/self/cgroup": "5:cpu,cpuacct:/docker/abc\n4:memory:/docker/abc\n",
            "sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us": "200000\n", "sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us": "100000\n",
            "sys/fs/cgroup/memory/memory.limit_in_bytes": "4294967296\n", "sys/fs/cgroup/memory/memory.usage_in_bytes": "0\n",
            "proc/driver/nvidia/version": "NVRM\n",
        ]) {
            #expect($0.cores() == .init(count: 2, source: "cgroup 2, affinity 8"))
            #expect($0.memory().totalBytes == 4 << 30)
            #expect($0.gpuReason($0.graphicsProcessors()) == "an NVIDIA driver is there, but it shows no GPU")
        }
    }

    @Test func processorsForGraphicsAreNamed() throws {
        try withMachine([
            "proc/driver/nvidia/gpus/0000:01:00.0/information": "Model: \t\t NVIDIA H200\nIRQ:   \t\t 61\n",
            "proc/driver/nvidia/gpus/0000:41:00.0/information": "Model: \t\t NVIDIA H200\nIRQ:   \t\t 62\n",
            "sys/class/drm/card0/device/vendor": "0x10de\n", "sys/class/drm/card0/device/device": "0x2335\n",
            "sys/class/drm/card1/device/vendor": "0x1002\n", "sys/class/drm/card1/device/device": "0x73BF\n",
            "sys/class/drm/card1-DP-1/device/vendor": "0x1002\n", "sys/class/drm/card2/device/vendor": "0x1234\n",
            "sys/class/drm/version": "drm 1.1.0",
        ]) {
            #expect($0.graphicsProcessors() == ["NVIDIA H200", "NVIDIA H200", "AMD GPU 0x73bf"])
            #expect($0.gpuReason($0.graphicsProcessors()) == "not used: training runs on the CPU")
            let home = try TemporaryHome(machine: $0)
            #expect(home.workbench.resourceLimits().gpuNames == "2 x NVIDIA H200, AMD GPU 0x73bf")
        }
        try withMachine(["sys/class/drm/card0/device/vendor": "0x10de\n", "sys/class/drm/card0/device/device": "0x2335\n"]) {
            #expect($0.graphicsProcessors() == ["NVIDIA GPU 0x2335"], "without NVIDIA's own driver")
        }
    }

    @Test func groupsWithoutALimitDoNotCount() throws {
        try withMachine([
            "proc/self/cgroup": "5:cpu:/\n4:memory:/\nnonsense\n", "sys/fs/cgroup/cpu/cpu.cfs_quota_us": "-1\n",
            "sys/fs/cgroup/cpu/cpu.cfs_period_us": "100000\n", "sys/fs/cgroup/memory/memory.limit_in_bytes": "9223372036854771712\n",
        ]) {
            #expect(ControlGroup.all(root: $0.root).isEmpty)
            #expect($0.cores().count == 8)
        }
    }

    @Test func availabilityNamesWhatIsMissing() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let home = try TemporaryHome(machine: machine(folder, files: eightCores))
        let workbench = home.workbench
        let need = RunEstimate(trainImages: 9, validationImages: 3, stepsPerEpoch: 3, totalSteps: 9, seconds: nil, peakMemoryBytes: 3 << 29)
        func answer(cores: Int, memory: Int) -> ResourceAvailability {
            workbench.availability(cores: cores, memoryBytes: memory << 30, estimate: need)
        }
        #expect(answer(cores: 8, memory: 2) == .available("Resources available. This run needs about 1.5 GiB."))
        guard case .unavailable(let cores) = answer(cores: 9, memory: 2), case .unavailable(let memory) = answer(cores: 1, memory: 17),
            case .unavailable(let tooLittle) = answer(cores: 1, memory: 1), case .unavailable = answer(cores: 0, memory: 2)
        else { Issue.record("refusals are missing"); return }
        #expect(cores == "Resources not available because this machine has 8 cores.")
        #expect(memory == "Resources not available because this machine has 16.0 GiB of memory.")
        #expect(tooLittle.contains("needs about 1.5 GiB, more than the 1.0 GiB chosen"))

        let run = RunRecord(
            name: "holder", version: "1.0", createdAt: 1, task: "Object Detection", architecture: "YOLOv8_nano", configuration: "{}",
            draft: "", trainSnapshotID: nil, valSnapshotID: nil, cores: 6, memoryBytes: 2 << 30, imageSize: 160, batchSize: 8)
        try workbench.store.insert(run: run)
        try workbench.store.claim(run: run.id, by: .current, at: Date().timeIntervalSince1970)
        #expect(try workbench.store.tryStart(run: run.id, totalCores: 8, totalMemoryBytes: 16 << 30, at: 2) == nil)
        #expect(answer(cores: 3, memory: 2) == .busy("Cores are held by holder; the run will wait for its turn."))
        #expect(answer(cores: 2, memory: 15) == .busy("Memory is held by holder; the run will wait for its turn."))
        let limits = workbench.resourceLimits()
        #expect(limits.coresTotal == 8 && limits.coresInUse == 6 && limits.memoryInUseBytes == 2 << 30)
        #expect(limits.heldBy.map(\.runName) == ["holder"])
    }
}
