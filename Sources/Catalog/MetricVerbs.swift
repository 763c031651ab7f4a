import Foundation
import GRDB

/// The few points of a series that a drawing of all of it needs.
package struct MetricOutline: Sendable {
    package var points: MetricColumns
    /// How many points the series has.
    package var count: Int

    /// True where the outline is the series itself.
    package var isWhole: Bool { points.count == count }
}

extension CatalogStore {
    /// The points of a series written after `after`, of the attempts since the run last began from step 0; at least `limit`
    /// of them where there are so many, and not many more.
    package func metrics(run id: String, tag: String, after: Int64 = 0, limit: Int = .max) throws(CatalogError) -> MetricColumns {
        try read { database in
            var result = MetricColumns()
            let chunks = try Row.fetchCursor(database, sql: """
                SELECT firstID, count, samples FROM metricChunk WHERE runID = ? AND tag = ? AND lastID > ?
                    AND attempt >= (SELECT seriesAttempt FROM run WHERE id = ?) ORDER BY firstID
                """, arguments: [id, tag, after, id])
            while result.count < limit, let row = try chunks.next() {
                let first: Int64 = row[0], count: Int = row[1]
                var chunk = try row.withUnsafeData(atIndex: 2) { try MetricColumns(packed: $0 ?? Data(), count: count) }
                if first <= after { chunk.removeFirst(chunk.ids.firstIndex { $0 > after } ?? chunk.count) }
                result.append(chunk)
            }
            guard result.count < limit else { return result }
            try Self.appendRows(run: id, tag: tag, after: after, limit: limit - result.count, to: &result, in: database)
            return result
        }
    }

    /// The outline of a series: the points that its drawing needs, extremes and the first that is not finite among them.
    package func metricOutline(run id: String, tag: String) throws(CatalogError) -> MetricOutline {
        try read { database in
            var result = MetricOutline(points: MetricColumns(), count: 0)
            let chunks = try Row.fetchCursor(database, sql: """
                SELECT count, outlineCount, outline FROM metricChunk WHERE runID = ? AND tag = ?
                    AND attempt >= (SELECT seriesAttempt FROM run WHERE id = ?) ORDER BY firstID
                """, arguments: [id, tag, id])
            while let row = try chunks.next() {
                result.count += row[0] as Int
                let count: Int = row[1]
                result.points.append(try row.withUnsafeData(atIndex: 2) { try MetricColumns(packed: $0 ?? Data(), count: count) })
            }
            let packed = result.points.count
            try Self.appendRows(run: id, tag: tag, after: 0, limit: .max, to: &result.points, in: database)
            result.count += result.points.count - packed
            return result
        }
    }

    private static func appendRows(
        run: String, tag: String, after: Int64, limit: Int, to result: inout MetricColumns, in database: Database
    ) throws {
        let rows = try Row.fetchCursor(database, sql: """
            SELECT id, step, epoch, wallTime, value FROM metric WHERE runID = ? AND tag = ? AND id > ?
                AND attempt >= (SELECT seriesAttempt FROM run WHERE id = ?) ORDER BY id LIMIT ?
            """, arguments: [run, tag, after, run, limit])
        while let row = try rows.next() { result.append(row) }
    }

    /// The tags of a run's series, in the order of their first points.
    package func metricTags(run id: String) throws(CatalogError) -> [String] {
        try read { database in
            try String.fetchAll(database, sql: """
                SELECT tag FROM metricSeries WHERE runID = ? AND attempt >= (SELECT seriesAttempt FROM run WHERE id = ?) ORDER BY firstID
                """, arguments: [id, id])
        }
    }

    /// The newest value of each series.
    package func latestMetrics(run id: String) throws(CatalogError) -> [String: Double] {
        try read { database in
            let rows = try Row.fetchAll(database, sql: """
                SELECT tag, value FROM metricSeries WHERE runID = ? AND attempt >= (SELECT seriesAttempt FROM run WHERE id = ?)
                """, arguments: [id, id])
            return Dictionary(rows.map { ($0["tag"] as String, ($0["value"] as Double?) ?? .nan) }, uniquingKeysWith: { $1 })
        }
    }
}
