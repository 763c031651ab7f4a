import GRDB

/// A run with its plan, where it stands, and the process that answers for it.
package struct RunRecord: Codable, Sendable, Equatable, FetchableRecord, PersistableRecord {
    package static let databaseTableName = "run"
    package var id: String
    package var projectID = "default"
    package var name: String
    package var version: String
    /// Seconds since 1970, like all times here.
    package var createdAt: Double
    /// Since when the present attempt waits: the queue's order.
    package var queuedAt: Double
    package var status: RunStatus
    /// Why it waits or how it ended.
    package var message = ""
    package var task: String
    package var architecture: String
    package var service = "local"
    /// The run plan, and the draft it was made from, as JSON.
    package var configuration: String
    package var draft: String
    package var trainSnapshotID: String?
    package var valSnapshotID: String?
    package var startModelID: String?
    package var cores: Int
    package var memoryBytes: Int
    package var imageSize: Int
    package var batchSize: Int
    package var attempt = 1
    /// The attempt that began from step 0: readers show series from here on.
    package var seriesAttempt = 1
    /// The checkpoint that the next attempt continues from.
    package var resumeFrom: String?
    package var step = 0
    package var totalSteps = 0
    package var epoch = 0
    package var totalEpochs = 0
    package var phase = ""
    package var startedAt: Double?
    package var endedAt: Double?
    /// Seconds in training over all attempts that count.
    package var trainedSeconds = 0.0
    package var etaSeconds: Double?
    package var imagesPerSecond: Double?
    package var waitMilliseconds: Double?
    package var learningRate: Double?
    package var bestMetric: Double?
    package var bestMetricName: String?
    package var peakMemoryBytes: Int?
    package var stopRequestedAt: Double?
    package var processID: Int?
    package var processStart: String?
    package var processPlace: String?
    package var heartbeatAt: Double?
    /// Why it waits or how it ended, for programs.
    package var issue: RunIssue?
    /// What the search looks through.
    package private(set) var searchText: String

    package init(
        id: String = CatalogStore.newIdentifier(), name: String, version: String, createdAt: Double, status: RunStatus = .created,
        task: String, architecture: String, configuration: String, draft: String, trainSnapshotID: String?, valSnapshotID: String?,
        startModelID: String? = nil, cores: Int, memoryBytes: Int, imageSize: Int, batchSize: Int, totalSteps: Int = 0,
        totalEpochs: Int = 0
    ) {
        self.id = id
        self.name = name
        self.version = version
        self.createdAt = createdAt
        queuedAt = createdAt
        self.status = status
        self.task = task
        self.architecture = architecture
        self.configuration = configuration
        self.draft = draft
        self.trainSnapshotID = trainSnapshotID
        self.valSnapshotID = valSnapshotID
        self.startModelID = startModelID
        self.cores = cores
        self.memoryBytes = memoryBytes
        self.imageSize = imageSize
        self.batchSize = batchSize
        self.totalSteps = totalSteps
        self.totalEpochs = totalEpochs
        searchText = Self.searchText(name: name, id: id)
    }

    static func searchText(name: String, id: String) -> String { name.lowercased() + "\n" + id.lowercased() }

    /// The process that answers for the run; nil before one took it.
    package var owner: ProcessIdentity? {
        guard let processID, let processStart, let processPlace else { return nil }
        return ProcessIdentity(processID: processID, start: processStart, place: processPlace)
    }
}

/// One try at a run: a rerun or a resume adds one.
package struct AttemptRecord: Codable, Sendable, Equatable, FetchableRecord, PersistableRecord {
    package static let databaseTableName = "attempt"
    package var runID: String
    package var number: Int
    package var startedAt: Double
    package var endedAt: Double?
    package var status: RunStatus
    package var message: String
    package var resumedFrom: String?
}

/// One value of a metric series to be stored; NaN stays NaN.
package struct MetricValue: Sendable, Equatable {
    package var step: Int
    package var epoch: Double
    package var wallTime: Double
    package var tag: String
    package var value: Double

    package init(step: Int, epoch: Double, wallTime: Double, tag: String, value: Double) {
        self.step = step
        self.epoch = epoch
        self.wallTime = wallTime
        self.tag = tag
        self.value = value
    }
}

/// A line of a run's log; `id` grows with writing.
package struct LogRecord: Codable, Sendable, Equatable, FetchableRecord {
    package var id: Int64
    package var time: Double
    package var level: String
    package var text: String
}

/// A line of a run's log to be stored.
package struct LogEntry: Sendable, Equatable {
    package var time: Double
    package var level: String
    package var text: String

    package init(time: Double, level: String, text: String) {
        self.time = time
        self.level = level
        self.text = text
    }
}

/// A saved state of a run.
package struct CheckpointRecord: Codable, Sendable, Equatable, FetchableRecord, PersistableRecord {
    package static let databaseTableName = "checkpoint"
    package var runID: String
    package var path: String
    package var attempt: Int
    package var step: Int
    package var epoch: Int
    /// last, best or periodic.
    package var kind: String
    package var createdAt: Double

    package init(runID: String, path: String, attempt: Int, step: Int, epoch: Int, kind: String, createdAt: Double) {
        self.runID = runID
        self.path = path
        self.attempt = attempt
        self.step = step
        self.epoch = epoch
        self.kind = kind
        self.createdAt = createdAt
    }
}

/// A trained model.
package struct ModelRecord: Codable, Sendable, Equatable, FetchableRecord, PersistableRecord {
    package static let databaseTableName = "model"
    package var id: String
    package var projectID = "default"
    package var name: String
    package var version: String
    package var architecture: String
    package var task: String
    /// training, ready, failed or archived.
    package var status: String
    package var labels: [String]
    package var createdAt: Double
    package var runID: String?
    package var snapshotID: String?
    package var weightsPath: String
    package var imageSize: Int
    package var metrics: [String: Double]
    /// Of an imported model: the format of the file, where it lay, and its SHA-256; nil for a run's model.
    package var format: String?
    package var originPath: String?
    package var originHash: String?
    /// The model that the run which left this one started from.
    package var parentModelID: String?

    package init(
        id: String = CatalogStore.newIdentifier(), name: String, version: String, architecture: String, task: String,
        status: String, labels: [String], createdAt: Double, runID: String?, snapshotID: String?, weightsPath: String,
        imageSize: Int, metrics: [String: Double], format: String? = nil, originPath: String? = nil, originHash: String? = nil,
        parentModelID: String? = nil
    ) {
        self.id = id
        self.name = name
        self.version = version
        self.architecture = architecture
        self.task = task
        self.status = status
        self.labels = labels
        self.createdAt = createdAt
        self.runID = runID
        self.snapshotID = snapshotID
        self.weightsPath = weightsPath
        self.imageSize = imageSize
        self.metrics = metrics
        self.format = format
        self.originPath = originPath
        self.originHash = originHash
        self.parentModelID = parentModelID
    }
}

/// Cores and memory that a live run holds.
package struct ReservationRecord: Codable, Sendable, Equatable, FetchableRecord {
    package var runID: String
    package var runName: String
    package var cores: Int
    package var memoryBytes: Int
}
