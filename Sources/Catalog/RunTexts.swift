import Foundation
import GRDB
import Synchronization

/// The names and ids of all runs in memory, in their order: for searches by one or two letters, which the trigram index cannot
/// answer, and for matches by name, of which many may lie at the order's far end.
///
/// SQLite takes 200 ns to look at a row; in memory all texts of a hundred thousand runs are searched in a few milliseconds.
final class RunTexts: Sendable {
    /// With fewer runs the database is as quick.
    static let worthwhile = 5000

    private let content = Mutex(Content())
    private let isClaimed = Atomic(false)

    /// True for the first caller, who then sees to the loading.
    func claim() -> Bool { !isClaimed.exchange(true, ordering: .relaxed) }

    /// Reads the texts of all runs: some ten milliseconds for a hundred thousand.
    func load(from database: Database) throws {
        try content.withLock { try $0.readAll(database) }
    }

    /// The row numbers, by name, of the runs whose text holds all of `parts`; nil as long as the texts are not there.
    func numbers(holding parts: [String], in database: Database) throws -> [Int64]? {
        let found: [Int64]?? = try content.withLockIfAvailable { content in
            try content.follow(database) ? content.numbers(holding: parts.map { Array($0.utf8) }) : nil
        }
        return found ?? nil
    }
}

private struct Content {
    private var numbers: [Int64] = []
    /// The texts one after the other, and where each ends.
    private var bytes: [UInt8] = []
    private var ends: [Int] = []
    /// The clock's reading that this is true for; nil before the first.
    private var revision: Int?

    mutating func readAll(_ database: Database) throws {
        self = Content()
        let rows = try Row.fetchCursor(database, sql: "SELECT rowid, searchText FROM run INDEXED BY runByName")
        while let row = try rows.next() { insert(row[0], row[1], at: numbers.count) }
        revision = try RunListReader.stamp(in: database).revision
    }

    private mutating func insert(_ number: Int64, _ text: String, at place: Int) {
        let start = place == 0 ? 0 : ends[place - 1], length = text.utf8.count
        numbers.insert(number, at: place)
        bytes.insert(contentsOf: text.utf8, at: start)
        ends.insert(start + length, at: place)
        for later in ends.indices.dropFirst(place + 1) { ends[later] += length }
    }

    /// Where a text belongs. Names and their ids differ, so no two texts are one.
    private func place(of text: String) -> Int {
        var low = 0, high = numbers.count
        while low < high {
            let middle = (low + high) / 2
            if bytes[range(middle)].lexicographicallyPrecedes(text.utf8) { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// Takes in what has changed; false where nothing was read yet, or a later state of the catalogue than this.
    mutating func follow(_ database: Database) throws -> Bool {
        guard let known = revision else { return false }
        let present = try RunListReader.stamp(in: database).revision
        guard present != known else { return true }
        guard present > known else { return false }
        let changed = try Row.fetchAll(
            database, sql: "SELECT rowid, searchText FROM run INDEXED BY runByRevision WHERE revision > ? LIMIT 100", arguments: [known])
        var isTrue = changed.count < 100
        for row in changed where isTrue {
            let number: Int64 = row[0], text: String = row[1]
            if let place = numbers.firstIndex(of: number) {
                // Another run may have got the number of one that was removed.
                isTrue = bytes[range(place)].elementsEqual(text.utf8)
            } else {
                insert(number, text, at: place(of: text))
            }
        }
        let count = try Int.fetchOne(database, sql: "SELECT COUNT(*) FROM run")
        if isTrue, count == numbers.count { revision = present } else { try readAll(database) }
        return true
    }

    private func range(_ place: Int) -> Range<Int> { (place == 0 ? 0 : ends[place - 1])..<ends[place] }

    func numbers(holding parts: [[UInt8]]) -> [Int64] {
        var found: [Int64] = []
        bytes.withUnsafeBytes { bytes in
            for (place, number) in numbers.enumerated() {
                let text = UnsafeRawBufferPointer(rebasing: bytes[range(place)])
                if parts.allSatisfy({ Self.isFound($0, in: text) }) { found.append(number) }
            }
        }
        return found
    }

    private static func isFound(_ part: [UInt8], in text: UnsafeRawBufferPointer) -> Bool {
        guard let first = part.first, var start = text.baseAddress else { return part.isEmpty }
        // Beyond this no more whole part can begin.
        let end = start + (text.count - part.count + 1)
        while start < end, let found = memchr(start, Int32(first), end - start) {
            if memcmp(found, part, part.count) == 0 { return true }
            start = UnsafeRawPointer(found) + 1
        }
        return false
    }
}
