/// Cores and memory that a run holds.
package struct ResourceHolding: Sendable, Equatable, Codable {
    package var runID: String
    package var runName: String
    package var cores: Int
    package var memoryBytes: Int

    package init(runID: String, runName: String, cores: Int, memoryBytes: Int) {
        self.runID = runID
        self.runName = runName
        self.cores = cores
        self.memoryBytes = memoryBytes
    }
}

/// What this machine lets the program use, and what runs hold of it.
package struct ResourceLimits: Sendable, Equatable, Codable {
    package var coresTotal: Int
    package var coresInUse: Int
    /// Where the number of cores comes from, such as `cgroup 2, affinity 2`.
    package var coresSource: String
    package var memoryTotalBytes: Int
    /// Reserved by runs.
    package var memoryInUseBytes: Int
    /// What the system says is available now.
    package var memoryAvailableBytes: Int
    package var memorySource: String
    package var diskFreeBytes: Int
    /// The GPUs that the system shows, by name.
    package var gpus: [String]
    /// Why none is offered.
    package var gpuReason: String
    package var heldBy: [ResourceHolding]

    /// The GPUs as one text, equal ones counted; nil without any.
    package var gpuNames: String? {
        guard !gpus.isEmpty else { return nil }
        let kinds = gpus.enumerated().filter { index, name in gpus.firstIndex(of: name) == index }.map(\.element)
        return kinds.map { kind in
            let count = gpus.filter { $0 == kind }.count
            return count > 1 ? "\(count) x \(kind)" : kind
        }.joined(separator: ", ")
    }

    package init(
        coresTotal: Int, coresInUse: Int, coresSource: String, memoryTotalBytes: Int, memoryInUseBytes: Int,
        memoryAvailableBytes: Int, memorySource: String, diskFreeBytes: Int, gpus: [String] = [], gpuReason: String, heldBy: [ResourceHolding]
    ) {
        self.coresTotal = coresTotal
        self.coresInUse = coresInUse
        self.coresSource = coresSource
        self.memoryTotalBytes = memoryTotalBytes
        self.memoryInUseBytes = memoryInUseBytes
        self.memoryAvailableBytes = memoryAvailableBytes
        self.memorySource = memorySource
        self.diskFreeBytes = diskFreeBytes
        self.gpus = gpus
        self.gpuReason = gpuReason
        self.heldBy = heldBy
    }
}

/// What a draft would cost.
package struct RunEstimate: Sendable, Equatable, Codable {
    package var trainImages: Int
    package var validationImages: Int
    package var stepsPerEpoch: Int
    package var totalSteps: Int
    /// The whole run, measured or from earlier runs of the same architecture, image size and batch; nil when it is not known.
    package var seconds: Double?
    /// Training, evaluation and checkpoint of one epoch, where it was measured.
    package var secondsPerEpoch: Double?
    package var peakMemoryBytes: Int

    package init(
        trainImages: Int, validationImages: Int, stepsPerEpoch: Int, totalSteps: Int, seconds: Double?,
        secondsPerEpoch: Double? = nil, peakMemoryBytes: Int
    ) {
        self.trainImages = trainImages
        self.validationImages = validationImages
        self.stepsPerEpoch = stepsPerEpoch
        self.totalSteps = totalSteps
        self.seconds = seconds
        self.secondsPerEpoch = secondsPerEpoch
        self.peakMemoryBytes = peakMemoryBytes
    }
}

/// Whether a run could start now. The text is the line to show.
package enum ResourceAvailability: Sendable, Equatable {
    case available(String)
    /// The run can be submitted and would wait for its turn.
    case busy(String)
    /// The run could never start on this machine.
    case unavailable(reason: String)

    package var message: String {
        switch self {
        case .available(let text), .busy(let text), .unavailable(let text): text
        }
    }
}
