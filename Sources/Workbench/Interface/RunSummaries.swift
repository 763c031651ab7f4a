/// Where a run stands. The raw values are the words shown and stored.
package enum RunState: String, Sendable, Codable, CaseIterable {
    case created, pending, preparing, running, rerun, stopping, success, failed, terminated, aborted

    /// True once nothing more will happen by itself.
    package var isTerminal: Bool {
        switch self {
        case .success, .failed, .terminated, .aborted: true
        case .created, .pending, .preparing, .running, .rerun, .stopping: false
        }
    }

    /// True where a run ended before its plan was fulfilled, so that it can go on from a checkpoint.
    package var canResume: Bool { isTerminal && self != .success }
}

/// A run, as the runs table shows it.
package struct RunSummary: Sendable, Equatable, Codable, Identifiable {
    package var id: String
    package var name: String
    package var version: String
    package var createdAt: Double
    package var status: RunState
    /// 0…1.
    package var progress: Double
    /// Seconds spent since the first attempt started; grows while the run is live.
    package var durationSeconds: Double
    /// What carries the run out: `local`.
    package var service: String
    package var architecture: String
    package var task: TaskKind
    package var bestMetric: Double?
    /// mAP50-95 or top-1; nil before the first evaluation.
    package var bestMetricName: String?
    /// Why it waits or how it ended; empty when there is nothing to say.
    package var message: String
    package var attempt: Int
    /// What stands in its way, or did; nil when there is nothing to say.
    package var issue: RunIssueSummary?
    /// The newest model that it left.
    package var modelID: String?

    package init(
        id: String, name: String, version: String, createdAt: Double, status: RunState, progress: Double, durationSeconds: Double,
        service: String, architecture: String, task: TaskKind, bestMetric: Double?, bestMetricName: String?, message: String,
        attempt: Int, issue: RunIssueSummary? = nil, modelID: String? = nil
    ) {
        self.id = id
        self.name = name
        self.version = version
        self.createdAt = createdAt
        self.status = status
        self.progress = progress
        self.durationSeconds = durationSeconds
        self.service = service
        self.architecture = architecture
        self.task = task
        self.bestMetric = bestMetric
        self.bestMetricName = bestMetricName
        self.message = message
        self.attempt = attempt
        self.issue = issue
        self.modelID = modelID
    }

    /// The properties' names, but for the abbreviation, which snake case would tear.
    enum CodingKeys: String, CodingKey {
        case id, name, version, createdAt, status, progress, durationSeconds, service, architecture, task, bestMetric, bestMetricName
        case message, attempt, issue
        case modelID = "modelId"
    }
}

/// A saved state of a run.
package struct CheckpointSummary: Sendable, Equatable, Codable {
    package var path: String
    package var step: Int
    package var epoch: Int
    /// last, best or periodic.
    package var kind: String
    package var createdAt: Double

    package init(path: String, step: Int, epoch: Int, kind: String, createdAt: Double) {
        self.path = path
        self.step = step
        self.epoch = epoch
        self.kind = kind
        self.createdAt = createdAt
    }
}

/// A line of a run's log.
package struct LogLine: Sendable, Equatable, Codable, Identifiable {
    package var id: Int64
    package var time: Double
    /// info, warning or error.
    package var level: String
    package var text: String

    package init(id: Int64, time: Double, level: String, text: String) {
        self.id = id
        self.time = time
        self.level = level
        self.text = text
    }
}

/// One value of a metric series.
package struct MetricPoint: Sendable, Equatable, Codable, Identifiable {
    /// Grows with each point that is written; pass the last one as `after` to read on.
    package var id: Int64
    package var step: Int
    package var epoch: Double
    package var wallTime: Double
    /// NaN when the run produced NaN.
    package var value: Double

    package init(id: Int64, step: Int, epoch: Double, wallTime: Double, value: Double) {
        self.id = id
        self.step = step
        self.epoch = epoch
        self.wallTime = wallTime
        self.value = value
    }
}

/// Everything about a run that a live view or `runs show` needs.
package struct RunDetail: Sendable, Equatable, Codable, Identifiable {
    package var summary: RunSummary
    package var draft: RunDraft?
    /// The run plan as JSON.
    package var configurationJSON: String
    package var step: Int
    package var totalSteps: Int
    package var epoch: Int
    package var totalEpochs: Int
    /// What the run does now, such as `training` or `evaluating`.
    package var phase: String
    /// Seconds left; nil while unknown.
    package var etaSeconds: Double?
    package var imagesPerSecond: Double?
    package var waitMilliseconds: Double?
    package var learningRate: Double?
    package var cores: Int
    package var memoryBytes: Int
    /// Peak resident memory of the process that trains; nil before it starts.
    package var peakMemoryBytes: Int?
    package var processID: Int?
    /// The newest value of every metric tag.
    package var latestMetrics: [String: Double]
    package var checkpoints: [CheckpointSummary]
    package var modelIDs: [String]
    package var startedAt: Double?
    package var endedAt: Double?
    package var directory: String
    package var trainDatasetName: String
    package var validationDatasetName: String
    package var id: String { summary.id }

    /// The properties' names; snake case would make `model_i_ds` of the one with a plural abbreviation.
    enum CodingKeys: String, CodingKey {
        case summary, draft, configurationJSON, step, totalSteps, epoch, totalEpochs, phase, etaSeconds, imagesPerSecond
        case waitMilliseconds, learningRate, cores, memoryBytes, peakMemoryBytes, processID, latestMetrics, checkpoints
        case modelIDs = "modelIds"
        case startedAt, endedAt, directory, trainDatasetName, validationDatasetName
    }

    package init(
        summary: RunSummary, draft: RunDraft?, configurationJSON: String, step: Int, totalSteps: Int, epoch: Int, totalEpochs: Int,
        phase: String, etaSeconds: Double?, imagesPerSecond: Double?, waitMilliseconds: Double?, learningRate: Double?, cores: Int,
        memoryBytes: Int, peakMemoryBytes: Int?, processID: Int?, latestMetrics: [String: Double],
        checkpoints: [CheckpointSummary], modelIDs: [String], startedAt: Double?, endedAt: Double?, directory: String,
        trainDatasetName: String, validationDatasetName: String
    ) {
        self.summary = summary
        self.draft = draft
        self.configurationJSON = configurationJSON
        self.step = step
        self.totalSteps = totalSteps
        self.epoch = epoch
        self.totalEpochs = totalEpochs
        self.phase = phase
        self.etaSeconds = etaSeconds
        self.imagesPerSecond = imagesPerSecond
        self.waitMilliseconds = waitMilliseconds
        self.learningRate = learningRate
        self.cores = cores
        self.memoryBytes = memoryBytes
        self.peakMemoryBytes = peakMemoryBytes
        self.processID = processID
        self.latestMetrics = latestMetrics
        self.checkpoints = checkpoints
        self.modelIDs = modelIDs
        self.startedAt = startedAt
        self.endedAt = endedAt
        self.directory = directory
        self.trainDatasetName = trainDatasetName
        self.validationDatasetName = validationDatasetName
    }
}
