import Foundation
import Glibc

/// What this machine, its control groups and the process's affinity allow.
struct MachineResources: Sendable {
    struct Cores: Sendable, Equatable {
        var count: Int
        /// Such as `affinity 2, cgroup 1.5`.
        var source: String
    }

    struct Memory: Sendable, Equatable {
        var totalBytes: Int
        var availableBytes: Int
        var source: String
    }

    /// The folder that stands for `/`; tests give their own.
    var root = URL(fileURLWithPath: "/")

    /// A share of a core counts as a whole one: a run cannot use less than one thread.
    func cores() -> Cores {
        let affinity = affinity()
        guard let quota = controlGroups().compactMap(\.coreQuota).min() else {
            return Cores(count: affinity, source: "affinity \(affinity), no cgroup limit")
        }
        let whole = max(1, Int(quota.rounded(.down)))
        let words = quota == quota.rounded() ? "\(Int(quota))" : String(format: "%.1f", quota)
        return Cores(count: min(affinity, whole), source: "cgroup \(words), affinity \(affinity)")
    }

    func memory() -> Memory {
        let information = meminfo()
        let total = information["MemTotal"] ?? 0
        let available = information["MemAvailable"] ?? information["MemFree"] ?? 0
        guard let tightest = controlGroups().compactMap({ group in group.memoryLimit.map { (limit: $0, used: group.memoryUsed) } })
            .filter({ $0.limit < total }).min(by: { $0.limit < $1.limit })
        else { return Memory(totalBytes: total, availableBytes: available, source: "/proc/meminfo") }
        return Memory(
            totalBytes: tightest.limit, availableBytes: max(0, min(available, tightest.limit - tightest.used)), source: "cgroup")
    }

    /// Bytes that this user may still write in the folder.
    func diskFree(at folder: URL) -> Int {
        var status = statvfs()
        guard statvfs(folder.path, &status) == 0 else { return 0 }
        return Int(clamping: UInt64(status.f_bavail) * UInt64(status.f_frsize))
    }

    /// Why none of these GPUs is offered.
    func gpuReason(_ gpus: [String]) -> String {
        if !gpus.isEmpty { return "not used: training runs on the CPU" }
        let hasDriver = FileManager.default.fileExists(atPath: root.appendingPathComponent("proc/driver/nvidia/version").path)
        return hasDriver ? "an NVIDIA driver is there, but it shows no GPU" : "no NVIDIA driver and no other GPU found"
    }

    private func meminfo() -> [String: Int] {
        guard let text = try? String(contentsOf: root.appendingPathComponent("proc/meminfo"), encoding: .utf8) else { return [:] }
        var result: [String: Int] = [:]
        for line in text.split(separator: "\n") {
            let parts = line.split(whereSeparator: { $0 == ":" || $0 == " " })
            if parts.count >= 2, let kibibytes = Int(parts[1]) { result[String(parts[0])] = kibibytes * 1024 }
        }
        return result
    }

    private func controlGroups() -> [ControlGroup] { ControlGroup.all(root: root) }

    /// The number of processors that the scheduler lets this process use, from a list such as `0-3,8`.
    private func affinity() -> Int {
        let status = (try? String(contentsOf: root.appendingPathComponent("proc/self/status"), encoding: .utf8)) ?? ""
        guard let line = status.split(separator: "\n").first(where: { $0.hasPrefix("Cpus_allowed_list:") }) else {
            return ProcessInfo.processInfo.activeProcessorCount
        }
        let list = line.drop { $0 != ":" }.dropFirst().trimmingCharacters(in: .whitespaces)
        let count = list.split(separator: ",").reduce(0) { sum, part in
            let ends = part.split(separator: "-").compactMap { Int($0) }
            guard let first = ends.first, let last = ends.last, last >= first else { return sum }
            return sum + last - first + 1
        }
        return max(1, count)
    }
}
