@testable import Catalog
import Foundation
import Testing

@Suite struct RunListTests {
    private static let names = ["digits", "scenes", "Größe", "plates \"x\""]

    private func configuration(lr: Double?, labels: [String], optimizer: String) -> String {
        let rate = lr.map { "\"lr\": \($0)" } ?? ""
        let list = labels.map { "\"\($0)\"" }.joined(separator: ",")
        return "{\"runform\": {\"labels\": [\(list)], \"optimizer\": {\"name\": \"\(optimizer)\", \"kwargs\": {\(rate)}}}, \"seed\": 3}"
    }

    /// Some runs of all kinds.
    private func fill(_ catalog: borrowing TemporaryCatalog) throws -> [RunRecord] {
        var generator = SeededGenerator(state: 11), runs: [RunRecord] = []
        for index in 0..<160 {
            let name = "\(Self.names[index % 4])-\(index)", status = RunStatus.allCases[Int.random(in: 0..<10, using: &generator)]
            var run = RunRecord(
                name: name, version: "1", createdAt: Double(index / 2), status: status, task: index % 2 == 0 ? "Object Detection" : "Image Classification",
                architecture: ["YOLOv8_nano", "YOLOv8_small", "resnet18"][index % 3],
                configuration: configuration(
                    lr: index % 5 == 0 ? nil : Double(index) / 1000, labels: index % 4 == 0 ? ["Cat", "3"] : ["dog"], optimizer: index % 5 == 0 ? "auto" : "SGD"),
                draft: "", trainSnapshotID: nil, valSnapshotID: nil, cores: 1, memoryBytes: 1, imageSize: 64, batchSize: 8, totalSteps: 100,
                totalEpochs: index % 30)
            run.step = Int.random(in: 0...100, using: &generator)
            run.bestMetric = index % 7 == 0 ? nil : Double(Int.random(in: 0..<50, using: &generator)) / 50
            run.startedAt = status.isWaiting ? nil : run.createdAt + 1
            run.endedAt = status.isTerminal ? run.createdAt + Double(Int.random(in: 2..<900, using: &generator)) : nil
            runs.append(run)
        }
        try catalog.store.insert(runs: runs)
        return runs
    }

    private func ids(_ query: String, in catalog: borrowing TemporaryCatalog) throws -> Set<String> {
        let query = try RunQueryParser.parse(query, now: 1000)
        return Set(try catalog.store.runRows(RunArrangement(query: query), now: 1000).map(\.id))
    }

    /// Short texts, and all by name, are searched in memory and found as in the database, whatever happens to the runs meanwhile.
    @Test func textsAreFoundInMemoryAsInTheDatabase() throws {
        let catalog = try TemporaryCatalog(), store = catalog.store
        var runs = try fill(catalog)
        let other = try CatalogStore(directory: store.directory)
        try store.read { try store.texts.load(from: $0) }
        func check(_ what: String) throws {
            for text in ["d", "s-", "9", "zq", "e 1", "ö", "late", "größe"] {
                let query = try RunQueryParser.parse(text, now: 1000)
                for (sort, isDescending) in [(RunSort.created, true), (.name, true), (.name, false), (.best, true)] {
                    let arrangement = RunArrangement(query: query, sort: sort, isDescending: isDescending)
                    let found = try store.runList(arrangement, anchor: .offset(3), limit: 20, now: 1000)
                    let wanted = try other.runList(arrangement, anchor: .offset(3), limit: 20, now: 1000)
                    #expect(found.rows.map(\.id) == wanted.rows.map(\.id) && found.count == wanted.count, "\(what): \(text) by \(sort)")
                }
            }
            let known = try store.read { try store.texts.numbers(holding: ["d"], in: $0) }
            #expect(known?.isEmpty == false)
            #expect(try other.read { try other.texts.numbers(holding: ["d"], in: $0) } == nil)
        }
        try check("as they were")
        func add(_ name: String) throws {
            let run = RunRecord(
                name: name, version: "1", createdAt: 20, task: "Object Detection", architecture: "resnet18", configuration: "{}", draft: "",
                trainSnapshotID: nil, valSnapshotID: nil, cores: 1, memoryBytes: 1, imageSize: 64, batchSize: 8)
            try other.insert(run: run)
            runs.append(run)
        }
        try add("late-d")
        try check("one more")
        var update = RunUpdate()
        update.step = 7
        try other.claim(run: runs[160].id, by: .current, at: 5)
        try other.apply(update, to: runs[160].id, at: 6)
        try check("one went on")
        try other.removeRun(try #require(runs.first { $0.status.isTerminal }).id)
        try check("one less")
        // The next run gets the number of the newest, which goes.
        try other.finish(run: runs[160].id, status: .aborted, message: "", at: 7)
        try other.removeRun(runs[160].id)
        try add("zq-instead")
        try check("another in its place")
    }

    @Test func queriesFindWhatTheyName() throws {
        let catalog = try TemporaryCatalog()
        let runs = try fill(catalog)
        func expect(_ query: String, _ matches: (RunRecord, Int) -> Bool) throws {
            let wanted = Set(zip(runs, runs.indices).filter { matches($0.0, $0.1) }.map(\.0.id))
            #expect(try ids(query, in: catalog) == wanted, "\(query)")
            #expect(try ids("NOT (\(query))", in: catalog) == Set(runs.map(\.id)).subtracting(wanted), "NOT \(query)")
        }
        try expect("digits") { run, _ in run.name.hasPrefix("digits") }
        try expect("s-1") { run, _ in run.name.contains("s-1") || run.id.contains("s-1") }
        try expect("GRÖSSE") { _, _ in false }
        try expect("größe-1") { run, _ in run.name.hasPrefix("Größe-1") }
        try expect("\"plates \"") { run, _ in run.name.hasPrefix("plates") }
        try expect(String(runs[7].id.prefix(8))) { run, _ in run.id == runs[7].id }
        try expect("id:\(runs[9].id.prefix(6))") { run, _ in run.id == runs[9].id }
        try expect("name:-29") { run, _ in run.name.contains("-29") }
        try expect("status:failed,aborted") { run, _ in run.status == .failed || run.status == .aborted }
        try expect("status:live") { run, _ in run.status.isLive }
        try expect("lr>0.1") { _, index in index % 5 != 0 && index > 100 }
        try expect("lr=0.123") { _, index in index == 123 }
        try expect("epochs>=20") { _, index in index % 30 >= 20 }
        try expect("label:cat") { _, index in index % 4 == 0 }
        try expect("label:3 model:yolov8n") { _, index in index % 4 == 0 && index % 3 == 0 }
        try expect("model:yolo") { _, index in index % 3 < 2 }
        try expect("task:detection") { _, index in index % 2 == 0 }
        try expect("optimizer:auto OR best>0.9") { run, index in index % 5 == 0 || (run.bestMetric ?? 0) > 0.9 }
        try expect("seed=3") { _, _ in true }
        try expect("service:none") { _, _ in false }
        try expect("progress<50%") { run, _ in run.status != .success && run.step < 50 }
        try expect("duration>10m") { run, _ in run.startedAt.map { (run.endedAt ?? 1000) - $0 > 600 } ?? false }
    }

    @Test(arguments: RunSort.allCases) func everyOrderIsWholeFromAnyPlace(sort: RunSort) throws {
        let catalog = try TemporaryCatalog()
        _ = try fill(catalog)
        for query in ["", "status:success,failed", "digits", "s-", "scenes-12 OR best>0.5"] {
            for isDescending in [true, false] {
                let arrangement = RunArrangement(query: try RunQueryParser.parse(query, now: 1000), sort: sort, isDescending: isDescending)
                let all = try catalog.store.runRows(arrangement, now: 1000)
                func key(_ row: RunRow) -> Double? {
                    switch sort {
                    case .created: row.createdAt
                    case .progress: row.progress
                    case .best: row.bestMetric
                    case .duration: row.startedAt.map { (row.endedAt ?? 1000) - $0 }
                    default: nil
                    }
                }
                let keys = all.compactMap(key)
                #expect(keys == (isDescending ? keys.sorted(by: >) : keys.sorted()))
                if sort == .best || sort == .duration { #expect(all.map { key($0) == nil }.sorted { !$0 && $1 } == all.map { key($0) == nil }) }
                #expect(Set(all.map(\.id)).count == all.count)
                var pieces: [RunRow] = []
                while pieces.count < all.count {
                    let window = try catalog.store.runList(arrangement, anchor: .offset(pieces.count), limit: 17, now: 1000)
                    #expect(window.count == all.count && window.total == 160)
                    pieces += window.rows.dropFirst(max(0, pieces.count - window.offset))
                    if window.rows.isEmpty { break }
                }
                #expect(pieces == all)
                if let row = all.dropFirst(all.count / 3).first {
                    let window = try catalog.store.runList(arrangement, anchor: .run(row.id, otherwise: 0), limit: 9, now: 1000)
                    #expect(window.rows.contains(row) && all[window.offset] == window.rows.first)
                }
            }
        }
    }

    @Test func aSecondLookReadsOnlyWhatChanged() throws {
        let catalog = try TemporaryCatalog()
        let live = try catalog.startRun("live", at: 5), other = try catalog.insertRun("other", at: 6)
        let arrangement = RunArrangement()
        func look(_ stamp: RunListStamp) throws -> RunListChange {
            try catalog.store.runListChange(arrangement, since: stamp, anchor: .offset(0), limit: 50, now: 9)
        }
        var stamp = try catalog.store.runList(arrangement, anchor: .offset(0), limit: 50, now: 9).stamp
        #expect(try look(stamp) == .nothing)
        var update = RunUpdate()
        update.step = 3
        update.totalSteps = 10
        try catalog.store.apply(update, to: live, at: 7)
        guard case .rows(let rows, let next) = try look(stamp) else { throw CatalogError.conflict("not the changed rows") }
        #expect(rows.map(\.id) == [live] && rows.map(\.progress) == [0.3])
        stamp = next
        // A sign of life alone changes nothing.
        try catalog.store.apply(RunUpdate(), to: live, at: 8)
        #expect(try look(stamp) == .nothing)
        try catalog.store.requestStop(run: other, at: 8)
        guard case .window(let window) = try look(stamp) else { throw CatalogError.conflict("no new window") }
        #expect(window.rows.map(\.status) == [.terminated, .running])
        try catalog.store.removeRun(other)
        guard case .window(let rest) = try look(window.stamp) else { throw CatalogError.conflict("no new window") }
        #expect(rest.count == 1 && rest.total == 1)
        #expect(try ids("other", in: catalog).isEmpty)
    }

    @Test func reasonsAreKeptAsValues() throws {
        let catalog = try TemporaryCatalog()
        let first = try catalog.startRun("first", cores: 8), second = try catalog.insertRun("second", cores: 2, at: 2)
        try catalog.store.claim(run: second, by: .current, at: 2)
        _ = try catalog.store.tryStart(run: second, totalCores: 8, totalMemoryBytes: 1000, at: 3)
        #expect(try catalog.store.runRow(second).issue == .waitsForCores(needed: 2, free: 0))
        try catalog.store.finish(run: first, status: .failed, message: "no", issue: .notANumber(step: 4), at: 4)
        #expect(try catalog.store.run(first).issue == .notANumber(step: 4))
        try catalog.store.requestStop(run: second, at: 4)
        let dead = try catalog.startRun("dead", by: gone, at: 5)
        var update = RunUpdate()
        update.peakMemoryBytes = 99
        update.log = [LogEntry(time: 5, level: "warning", text: "left out"), LogEntry(time: 5, level: "info", text: "x")]
        try catalog.store.apply(update, to: dead, at: 5)
        try catalog.store.markDeadRuns(at: 6)
        #expect(try catalog.store.run(dead).issue == .outOfMemory(peakBytes: 99, limitBytes: 100))
        #expect(try catalog.store.runRows(RunArrangement(), now: 6).first { $0.id == dead }?.warningCount == 1)
    }
}
