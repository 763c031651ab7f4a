import Foundation

/// The limits of one control group, of version 1 or 2.
struct ControlGroup: Equatable {
    /// Cores; nil without a limit.
    var coreQuota: Double?
    /// Bytes; nil without a limit.
    var memoryLimit: Int?
    var memoryUsed = 0

    /// This process's groups and all above them: the tightest of their limits holds.
    static func all(root: URL) -> [ControlGroup] {
        guard let text = try? String(contentsOf: root.appendingPathComponent("proc/self/cgroup"), encoding: .utf8) else { return [] }
        var result: [ControlGroup] = []
        for line in text.split(separator: "\n") {
            // `0::/path` for version 2, `5:cpu,cpuacct:/path` for version 1.
            let parts = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false).map(String.init)
            guard parts.count == 3 else { continue }
            let controllers = Set(parts[1].split(separator: ",").map(String.init))
            let mount = root.appendingPathComponent("sys/fs/cgroup")
            if controllers.isEmpty {
                result += chain(parts[2], below: mount).map(versionTwo)
            } else {
                if controllers.contains("cpu") {
                    let folders = [parts[1], "cpu", "cpu,cpuacct"].flatMap { chain(parts[2], below: mount.appendingPathComponent($0)) }
                    result += folders.map(versionOneCores)
                }
                if controllers.contains("memory") {
                    result += chain(parts[2], below: mount.appendingPathComponent("memory")).map(versionOneMemory)
                }
            }
        }
        return result.filter { $0.coreQuota != nil || $0.memoryLimit != nil }
    }

    /// The folder of a group and those above it. In a container the path may name a group of the host that is not
    /// mounted here; the mount itself then is the container's own group.
    private static func chain(_ path: String, below mount: URL) -> [URL] {
        var folders = [mount]
        for component in path.split(separator: "/") where component != ".." {
            folders.append(folders[folders.count - 1].appendingPathComponent(String(component)))
        }
        return folders
    }

    private static func versionTwo(_ folder: URL) -> ControlGroup {
        var group = ControlGroup()
        if let words = text(folder, "cpu.max")?.split(separator: " "), words.count == 2, let quota = Double(words[0]),
            let period = Double(words[1]), period > 0
        {
            group.coreQuota = quota / period
        }
        group.memoryLimit = text(folder, "memory.max").flatMap { Int($0) }
        group.memoryUsed = text(folder, "memory.current").flatMap { Int($0) } ?? 0
        return group
    }

    private static func versionOneCores(_ folder: URL) -> ControlGroup {
        var group = ControlGroup()
        if let quota = text(folder, "cpu.cfs_quota_us").flatMap({ Double($0) }), quota > 0,
            let period = text(folder, "cpu.cfs_period_us").flatMap({ Double($0) }), period > 0
        {
            group.coreQuota = quota / period
        }
        return group
    }

    private static func versionOneMemory(_ folder: URL) -> ControlGroup {
        var group = ControlGroup()
        // Without a limit version 1 states a number near the largest one.
        if let limit = text(folder, "memory.limit_in_bytes").flatMap({ Int($0) }), limit < Int.max / 4 { group.memoryLimit = limit }
        group.memoryUsed = text(folder, "memory.usage_in_bytes").flatMap { Int($0) } ?? 0
        return group
    }

    private static func text(_ folder: URL, _ name: String) -> String? {
        (try? String(contentsOf: folder.appendingPathComponent(name), encoding: .utf8))?
            .trimmingCharacters(in: .whitespacesAndNewlines)
    }
}
