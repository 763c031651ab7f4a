import GRDB

extension CatalogStore {
    /// A window of the matching runs, read in milliseconds whatever their number.
    package func runList(_ arrangement: RunArrangement, anchor: RunListAnchor, limit: Int, now: Double) throws(CatalogError) -> RunListWindow {
        let window = try read { try reader($0, arrangement, now: now).window(anchor: anchor, limit: limit) }
        // A table that is looked at is soon searched.
        if window.total >= RunTexts.worthwhile, texts.claim() { readAside { [texts] in try texts.load(from: $0) } }
        return window
    }

    private func reader(_ database: Database, _ arrangement: RunArrangement, now: Double) throws -> RunListReader {
        try RunListReader(database: database, arrangement: arrangement, texts: texts, now: now)
    }

    /// What has changed since a window was read: nothing, values of some rows, or the order.
    package func runListChange(
        _ arrangement: RunArrangement, since stamp: RunListStamp, anchor: RunListAnchor, limit: Int, now: Double
    ) throws(CatalogError) -> RunListChange {
        try read { database in
            let present = try RunListReader.stamp(in: database)
            guard present != stamp else { return .nothing }
            guard present.arrangement == stamp.arrangement, !arrangement.changesWithProgress else {
                return .window(try reader(database, arrangement, now: now).window(anchor: anchor, limit: limit))
            }
            let rows = try RunRow.fetchAll(
                database, sql: "SELECT \(RunRow.columns) FROM run INDEXED BY runByRevision WHERE revision > ?", arguments: [stamp.revision])
            return .rows(rows, present)
        }
    }

    /// Every matching run, in order.
    package func runRows(_ arrangement: RunArrangement, now: Double) throws(CatalogError) -> [RunRow] {
        try read { try reader($0, arrangement, now: now).window(anchor: .offset(0), limit: .max).rows }
    }

    package func runRow(_ id: String) throws(CatalogError) -> RunRow {
        try read { database in
            try RunRow.fetchOne(database, sql: "SELECT \(RunRow.columns) FROM run WHERE id = ?", arguments: [id])
                .orThrow(.notFound(kind: "run", identifier: id))
        }
    }

    /// The names of other runs that started from a model of these, and of models trained on from one, by run.
    package func usersOfModels(ofRuns ids: [String]) throws(CatalogError) -> [String: [String]] {
        try read { database in
            var result: [String: [String]] = [:]
            for id in ids {
                let users = try String.fetchAll(database, sql: """
                    SELECT user.name FROM model JOIN run AS user ON user.startModelID = model.id WHERE model.runID = ? AND user.id <> ?
                    UNION SELECT child.name FROM model JOIN model AS child ON child.parentModelID = model.id
                        WHERE model.runID = ? AND child.runID IS NOT model.runID
                    """, arguments: [id, id, id])
                if !users.isEmpty { result[id] = users }
            }
            return result
        }
    }
}
