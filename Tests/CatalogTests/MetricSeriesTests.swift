import Foundation
import GRDB
import Testing

@testable import Catalog

/// What was written and what chunks make of it.
@Suite struct MetricSeriesTests {
    /// Numbers that are neither even nor exact in single precision, with some that are none.
    private func value(_ step: Int) -> Double {
        switch step % 997 {
        case 13: .nan
        case 14: .infinity
        default: (sin(Double(step) * 0.37) + 2) / 3
        }
    }

    private func metrics(_ steps: ClosedRange<Int>, tag: String = "train/loss") -> [MetricValue] {
        steps.map { MetricValue(step: $0, epoch: Double($0) / 7, wallTime: 1e9 + Double($0) * 0.1, tag: tag, value: value($0)) }
    }

    private func count(_ table: String, in store: CatalogStore) throws -> Int {
        try store.read { try Int.fetchOne($0, sql: "SELECT COUNT(*) FROM \(table)") ?? -1 }
    }

    private func write(_ metrics: [MetricValue], to run: String, of store: CatalogStore) throws {
        var update = RunUpdate()
        update.metrics = metrics
        try store.apply(update, to: run, at: 2)
    }

    private func expect(_ found: MetricColumns, steps: ClosedRange<Int>) {
        #expect(found.steps == steps.map(Int64.init))
        #expect(found.epochs == steps.map { Double($0) / 7 })
        #expect(found.wallTimes == steps.map { 1e9 + Double($0) * 0.1 })
        #expect(zip(found.values, steps).allSatisfy { $0 == value($1) || $0.isNaN && value($1).isNaN })
        #expect(zip(found.ids, found.ids.dropFirst()).allSatisfy { $0 < $1 })
    }

    @Test func chunksComeBackToTheBit() throws {
        let catalog = try TemporaryCatalog()
        let run = try catalog.startRun("long")
        let reader = try CatalogStore(directory: catalog.folder)
        var seen = MetricColumns()
        // Batches of odd lengths, so that chunks begin and end inside of them; a reader follows from another connection.
        var step = 1
        while step <= 10_000 {
            let end = min(10_000, step + 372)
            try write(metrics(step...end) + metrics(step...end, tag: "other"), to: run, of: catalog.store)
            seen.append(try reader.metrics(run: run, tag: "train/loss", after: seen.ids.last ?? 0))
            step = end + 1
        }
        expect(seen, steps: 1...10_000)
        expect(try reader.metrics(run: run, tag: "other"), steps: 1...10_000)
        let middle = seen.ids[5000]
        #expect(try reader.metrics(run: run, tag: "train/loss", after: middle).steps.first == 5002)
        #expect(try reader.metrics(run: run, tag: "train/loss", after: 0, limit: 100).count >= 100)
        #expect(try reader.metricTags(run: run) == ["train/loss", "other"])
        let rows = try count("metric", in: catalog.store)
        #expect(rows < 2 * CatalogStore.packedSize, "what is packed is no row any more")
        try catalog.store.finish(run: run, status: .success, message: "", at: 3)
        #expect(try count("metric", in: catalog.store) == 0)
        expect(try reader.metrics(run: run, tag: "train/loss"), steps: 1...10_000)
        #expect(try reader.latestMetrics(run: run)["other"] == value(10_000))
        try catalog.store.removeRun(run)
        #expect(try count("metricChunk", in: catalog.store) == 0)
    }

    @Test(arguments: [1, 255, 256, 4095, 4096, 7777, 12_000]) func anOutlineKeepsASpikeAndAGap(at place: Int) throws {
        let catalog = try TemporaryCatalog()
        let run = try catalog.startRun("spike")
        var all = metrics(1...12_000).map { metric in
            var plain = metric
            plain.value = 0.5
            return plain
        }
        all[place - 1].value = 9
        all[11_999 - place / 2].value = .nan
        try write(all, to: run, of: catalog.store)
        let outline = try catalog.store.metricOutline(run: run, tag: "train/loss")
        #expect(outline.count == 12_000)
        #expect(outline.points.values.contains(9))
        #expect(outline.points.values.contains { $0.isNaN })
        #expect(outline.points.count < 12_000 / 256 * 5 + CatalogStore.packedSize)
        #expect(outline.points.steps.first == 1)
        #expect(outline.points.steps.last == 12_000)
    }

    @Test(arguments: [3, 4096, 6000, 9000]) func resumingCutsChunks(at step: Int) throws {
        let catalog = try TemporaryCatalog()
        let run = try catalog.startRun("cut")
        try write(metrics(1...9500), to: run, of: catalog.store)
        try catalog.store.finish(run: run, status: .terminated, message: "", at: 3)
        let checkpoint = CheckpointRecord(runID: run, path: "/c", attempt: 1, step: step, epoch: 0, kind: "last", createdAt: 2)
        try catalog.store.requeue(run: run, from: checkpoint, at: 4)
        expect(try catalog.store.metrics(run: run, tag: "train/loss"), steps: 1...step)
        let latest = try #require(try catalog.store.latestMetrics(run: run)["train/loss"])
        #expect(latest == value(step) || latest.isNaN && value(step).isNaN)
        try write(metrics((step + 1)...12_000), to: run, of: catalog.store)
        expect(try catalog.store.metrics(run: run, tag: "train/loss"), steps: 1...12_000)
        // From the beginning: nothing of before is shown.
        try catalog.store.finish(run: run, status: .terminated, message: "", at: 5)
        try catalog.store.requeue(run: run, from: nil, at: 6)
        #expect(try catalog.store.metrics(run: run, tag: "train/loss").isEmpty)
        #expect(try catalog.store.metricTags(run: run).isEmpty)
        try write(metrics(1...5000), to: run, of: catalog.store)
        expect(try catalog.store.metrics(run: run, tag: "train/loss"), steps: 1...5000)
        #expect(try catalog.store.metricOutline(run: run, tag: "train/loss").count == 5000)
    }

    @Test func aCatalogueOfSingleRowsIsPacked() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("catalog-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let run = "old"
        do {
            let pool = try DatabasePool(path: folder.appendingPathComponent("trainyard.sqlite").path)
            try CatalogStore.migrator.migrate(pool, upTo: "models: origin and parent")
            try pool.write { database in
                try database.execute(sql: "INSERT INTO project (id, name, createdAt) VALUES ('default', 'default', 1)")
                // The columns of that time, which today's record has outgrown.
                try database.execute(
                    sql: """
                        INSERT INTO run (id, projectID, name, version, createdAt, queuedAt, status, message, task, architecture, service,
                            configuration, draft, cores, memoryBytes, imageSize, batchSize, attempt, seriesAttempt, step, totalSteps, epoch,
                            totalEpochs, phase, trainedSeconds)
                        VALUES (?, 'default', 'old', '1', 1, 1, 'success', '', 't', 'a', '', '{}', '', 1, 1, 1, 1, 1, 1, 9000, 9000, 1, 1, '', 1)
                        """, arguments: [run])
                for step in 1...9000 {
                    try database.execute(
                        sql: "INSERT INTO metric (runID, attempt, step, epoch, wallTime, tag, value) VALUES (?, 1, ?, ?, ?, 'train/loss', ?)",
                        arguments: [run, step, Double(step) / 7, 1e9 + Double(step) * 0.1, value(step).isNaN ? nil : value(step)])
                }
            }
        }
        let store = try CatalogStore(directory: folder)
        expect(try store.metrics(run: run, tag: "train/loss"), steps: 1...9000)
        #expect(try count("metric", in: store) == 0)
        #expect(try store.latestMetrics(run: run) == ["train/loss": value(9000)])
        #expect(try store.metricTags(run: run) == ["train/loss"])
    }

    @Test func damagedBytesAreAnError() throws {
        var columns = MetricColumns()
        for step in 0..<50 { columns.append(id: Int64(step * step), step: Int64(step), epoch: 0.1, wallTime: 2, value: Double(step)) }
        let packed = columns.packed()
        #expect(try MetricColumns(packed: packed, count: 50).ids == columns.ids)
        for length in stride(from: 0, to: packed.count, by: 7) {
            #expect(throws: CatalogError.self) { try MetricColumns(packed: packed.prefix(length), count: 50) }
        }
        #expect(throws: CatalogError.self) { try MetricColumns(packed: packed, count: .max) }
        #expect(throws: CatalogError.self) { try MetricColumns(packed: packed, count: -1) }
    }
}
