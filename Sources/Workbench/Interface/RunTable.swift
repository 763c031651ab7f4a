/// What orders the runs table.
package enum RunTableSort: String, Sendable, Codable, CaseIterable {
    case created, name, id, status, progress, duration, service, best, model, task
}

/// Which runs to show, in which order, and which of them.
package struct RunTableRequest: Sendable, Equatable {
    /// Where the window lies.
    package enum Anchor: Sendable, Equatable {
        /// It begins at this row.
        case offset(Int)
        /// It lies around this run; around that row when the run is not among those that match.
        case run(String, otherwise: Int)
    }

    /// The query line: words for name and id, `status:failed`, `lr>0.001`, `label:3`, NOT, AND, OR.
    package var query: String
    /// A word of any vendor for a status, or live, ended, waiting; nil allows all.
    package var status: String?
    package var sort: RunTableSort
    package var isDescending: Bool
    package var anchor: Anchor
    package var limit: Int

    package init(
        query: String = "", status: String? = nil, sort: RunTableSort = .created, isDescending: Bool = true,
        anchor: Anchor = .offset(0), limit: Int = 160
    ) {
        self.query = query
        self.status = status
        self.sort = sort
        self.isDescending = isDescending
        self.anchor = anchor
        self.limit = limit
    }
}

/// When a page was read, by the catalogue's clock.
package struct RunTableStamp: Sendable, Equatable {
    package var revision: Int
    package var arrangement: Int

    package init(revision: Int, arrangement: Int) {
        self.revision = revision
        self.arrangement = arrangement
    }
}

/// A window of the runs table.
package struct RunTablePage: Sendable, Equatable {
    /// All runs, and those that match the query.
    package var total: Int
    package var count: Int
    /// The place of the first one here among those that match.
    package var offset: Int
    package var runs: [RunSummary]
    package var stamp: RunTableStamp

    package init(total: Int, count: Int, offset: Int, runs: [RunSummary], stamp: RunTableStamp) {
        self.total = total
        self.count = count
        self.offset = offset
        self.runs = runs
        self.stamp = stamp
    }
}

/// What a second look at the table finds.
package enum RunTableChange: Sendable, Equatable {
    case nothing
    /// The order stands; these runs have new values, some of them perhaps outside of the window.
    case runs([RunSummary], RunTableStamp)
    case page(RunTablePage)
}

/// What stands in a run's way, or did: the reason behind the icon of its row.
package struct RunIssueSummary: Sendable, Equatable, Codable {
    package enum Kind: String, Sendable, Codable, CaseIterable {
        case cores, memory, queue, data, number, configuration, checkpoint, process, warnings, other
        case outOfMemory = "out_of_memory", noSpace = "no_space"
    }

    package enum Severity: String, Sendable, Codable {
        case waiting, warning, error
    }

    package var kind: Kind
    package var severity: Severity
    /// A few words, such as "Out of memory".
    package var title: String
    /// What to do, in a sentence or two.
    package var advice: String

    package init(kind: Kind, severity: Severity, title: String, advice: String) {
        self.kind = kind
        self.severity = severity
        self.title = title
        self.advice = advice
    }
}

/// The runs table's questions.
package protocol RunTableService: Sendable {
    /// A window of the runs that match, in milliseconds for a hundred thousand of them. A query that cannot be understood is
    /// refused as invalid, with the place and what is known.
    func runTable(_ request: RunTableRequest) throws -> RunTablePage
    /// What changed since a page was read. Reads no more than that.
    func runTableChange(_ request: RunTableRequest, since stamp: RunTableStamp) throws -> RunTableChange
    /// Which of these runs left a model that others use, with the names of those.
    func usersOfModels(ofRuns runs: [String]) throws -> [String: [String]]
}
