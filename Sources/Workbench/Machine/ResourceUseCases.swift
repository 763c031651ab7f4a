import Catalog
import Foundation

extension Workbench {
    package func resourceLimits() -> ResourceLimits {
        let cores = machine.cores(), memory = machine.memory(), gpus = machine.graphicsProcessors()
        let held = (try? store.reservations()) ?? []
        return ResourceLimits(
            coresTotal: cores.count, coresInUse: held.reduce(0) { $0 + $1.cores }, coresSource: cores.source,
            memoryTotalBytes: memory.totalBytes, memoryInUseBytes: held.reduce(0) { $0 + $1.memoryBytes },
            memoryAvailableBytes: memory.availableBytes, memorySource: memory.source,
            diskFreeBytes: machine.diskFree(at: home), gpus: gpus, gpuReason: machine.gpuReason(gpus),
            heldBy: held.map {
                ResourceHolding(runID: $0.runID, runName: $0.runName, cores: $0.cores, memoryBytes: $0.memoryBytes)
            })
    }

    package func availability(cores: Int, memoryBytes: Int, estimate: RunEstimate) -> ResourceAvailability {
        let limits = resourceLimits()
        let needed = "This run needs about \(ByteCount.text(estimate.peakMemoryBytes))."
        if cores < 1 { return .unavailable(reason: "Resources not available because a run needs at least one core.") }
        if cores > limits.coresTotal {
            return .unavailable(reason: "Resources not available because this machine has \(limits.coresTotal) \(limits.coresTotal == 1 ? "core" : "cores").")
        }
        if memoryBytes > limits.memoryTotalBytes {
            return .unavailable(reason: "Resources not available because this machine has \(ByteCount.text(limits.memoryTotalBytes)) of memory.")
        }
        if estimate.peakMemoryBytes > memoryBytes {
            return .unavailable(
                reason: "Resources not available because this run needs about \(ByteCount.text(estimate.peakMemoryBytes)), more than the \(ByteCount.text(memoryBytes)) chosen; raise memory or lower the batch size.")
        }
        let disk = 1 << 30
        if limits.diskFreeBytes < disk {
            return .unavailable(reason: "Resources not available because the disk has \(ByteCount.text(limits.diskFreeBytes)) free; a run needs 1.0 GiB.")
        }
        let names = limits.heldBy.map(\.runName).joined(separator: ", ")
        if cores > limits.coresTotal - limits.coresInUse { return .busy("Cores are held by \(names); the run will wait for its turn.") }
        if memoryBytes > limits.memoryTotalBytes - limits.memoryInUseBytes {
            return .busy("Memory is held by \(names); the run will wait for its turn.")
        }
        if estimate.peakMemoryBytes > limits.memoryAvailableBytes {
            return .unavailable(
                reason: "Resources not available because other programs leave only \(ByteCount.text(limits.memoryAvailableBytes)) of memory free. \(needed)")
        }
        return .available("Resources available. \(needed)")
    }
}

/// Bytes as people read them.
package enum ByteCount {
    /// Such as `1.2 GiB` or `312 MiB`.
    package static func text(_ bytes: Int) -> String {
        if bytes >= 1 << 30 { return String(format: "%.1f GiB", Double(bytes) / 0x1p30) }
        if bytes >= 1 << 20 { return "\(bytes >> 20) MiB" }
        return "\(max(0, bytes) >> 10) KiB"
    }
}
