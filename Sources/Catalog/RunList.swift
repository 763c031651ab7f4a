import GRDB

/// What orders the runs table.
package enum RunSort: String, Sendable, CaseIterable {
    case created, name, id, status, progress, duration, service, best, model, task

    /// The column or expression that orders, and the index that holds this order; none for what depends on the clock.
    func key(now: Double) -> (expression: String, index: String?) {
        switch self {
        case .created: ("createdAt", "runByCreation")
        case .name: ("searchText", "runByName")
        case .id: ("id", "sqlite_autoindex_run_1")
        case .status: ("statusRank", "runByStatusRank")
        case .progress: ("progress", "runByProgress")
        case .duration: (RunQuerySQL.duration(now: now), nil)
        case .service: ("service", "runByService")
        case .best: ("bestMetric", "runByBest")
        case .model: ("architecture", "runByArchitecture")
        case .task: ("task", "runByTask")
        }
    }

    /// Whether runs move while they train.
    var changesWithProgress: Bool { self == .progress || self == .duration || self == .best }
}

/// Which runs, in which order.
package struct RunArrangement: Sendable, Equatable {
    package var query: RunQuery
    package var sort: RunSort
    package var isDescending: Bool

    package init(query: RunQuery = .everything, sort: RunSort = .created, isDescending: Bool = true) {
        self.query = query
        self.sort = sort
        self.isDescending = isDescending
    }

    /// Whether rows may come, go or move without a change of status.
    var changesWithProgress: Bool { sort.changesWithProgress || query.changesWithProgress }
}

/// A row of the runs table: what `run` holds without its plan.
package struct RunRow: Sendable, Equatable, FetchableRecord {
    package var id: String
    package var name: String
    package var version: String
    package var createdAt: Double
    package var status: RunStatus
    package var message: String
    package var task: String
    package var architecture: String
    package var service: String
    package var attempt: Int
    package var step: Int
    package var progress: Double
    package var startedAt: Double?
    package var endedAt: Double?
    package var bestMetric: Double?
    package var bestMetricName: String?
    package var issue: RunIssue?
    package var warningCount: Int
    /// The newest model that the run left.
    package var modelID: String?

    static let columns = """
        id, name, version, createdAt, status, message, task, architecture, service, attempt, step, progress, startedAt, endedAt,
        bestMetric, bestMetricName, issue, warningCount,
        (SELECT model.id FROM model WHERE model.runID = run.id ORDER BY model.createdAt DESC LIMIT 1) AS modelID
        """

    /// By place in `columns`: a page is read at every key press, and names are slow to look up.
    package init(row: Row) throws {
        id = row[0]
        name = row[1]
        version = row[2]
        createdAt = row[3]
        status = row[4]
        message = row[5]
        task = row[6]
        architecture = row[7]
        service = row[8]
        attempt = row[9]
        step = row[10]
        progress = row[11]
        startedAt = row[12]
        endedAt = row[13]
        bestMetric = row[14]
        bestMetricName = row[15]
        issue = (row[16] as String?).flatMap(RunIssue.init(stored:))
        warningCount = row[17]
        modelID = row[18]
    }
}

/// When a window was read, by the catalogue's own clock.
package struct RunListStamp: Sendable, Equatable {
    package var revision: Int
    package var arrangement: Int

    package init(revision: Int, arrangement: Int) {
        self.revision = revision
        self.arrangement = arrangement
    }
}

/// Where the window lies that is asked for.
package enum RunListAnchor: Sendable, Equatable {
    /// Begins at this row.
    case offset(Int)
    /// Lies around this run; around that row when the run is not among the matching ones.
    case run(String, otherwise: Int)
}

/// Some rows of the table, and how many there are.
package struct RunListWindow: Sendable, Equatable {
    /// All runs, and those that match.
    package var total: Int
    package var count: Int
    /// The place of the first row among the matching ones.
    package var offset: Int
    package var rows: [RunRow]
    package var stamp: RunListStamp
}

/// What a second look finds.
package enum RunListChange: Sendable, Equatable {
    case nothing
    /// The order stands; these runs have new values. Some may lie outside of the window.
    case rows([RunRow], RunListStamp)
    case window(RunListWindow)
}
