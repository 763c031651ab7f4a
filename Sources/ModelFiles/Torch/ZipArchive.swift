import Compression
import Foundation

/// The files in a zip archive, by the central directory; stored and deflated entries, ZIP64 included (APPNOTE 6.3.10).
struct ZipArchive {
    struct Entry {
        let name: String
        let isDeflated: Bool
        let checksum: UInt32
        /// Bytes after unpacking.
        let byteCount: Int
        /// The entry's bytes in the archive.
        let range: Range<Int>
    }

    /// Tensors hardly deflate; what claims to grow more than this many times is made to fill the memory.
    private static let maximumGrowth = 16

    let entries: [Entry]
    private let data: Data

    init(_ data: Data) throws(TorchFileFault) {
        self.data = data
        let directory = try Self.findDirectory(data)
        var cursor = try ByteCursor(data, directory.range)
        var entries: [Entry] = [], names = Set<String>(), unpacked = 0
        for _ in 0..<directory.entryCount {
            let entry = try Self.readEntry(&cursor, data)
            guard names.insert(entry.name).inserted else { throw .damaged("it has two files named \(entry.name)") }
            unpacked = unpacked.addingReportingOverflow(entry.isDeflated ? entry.byteCount : 0).partialValue
            guard unpacked >= 0, unpacked <= data.count.multipliedReportingOverflow(by: Self.maximumGrowth).partialValue else {
                throw .damaged("it would unpack to more than \(Self.maximumGrowth) times its size")
            }
            entries.append(entry)
        }
        self.entries = entries
    }

    /// An entry's bytes, unpacked and held against its checksum; stored bytes are not copied.
    func contents(of entry: Entry) throws(TorchFileFault) -> Data {
        var result = data[data.startIndex + entry.range.lowerBound..<data.startIndex + entry.range.upperBound]
        if entry.isDeflated {
            do { result = Data(try result.withUnsafeBytes { try inflate($0, format: .deflate, limit: entry.byteCount) }) } catch {
                throw .damaged("\(entry.name) cannot be unpacked: \(error)")
            }
        }
        guard result.count == entry.byteCount else { throw .damaged("\(entry.name) has \(result.count) bytes, not \(entry.byteCount)") }
        guard result.withUnsafeBytes({ checksum($0) }) == entry.checksum else { throw .damaged("the checksum of \(entry.name) is wrong") }
        return result
    }

    // MARK: The directory

    /// The end record stands at the very end, before a comment of at most 65,535 bytes.
    private static func findDirectory(_ data: Data) throws(TorchFileFault) -> (range: Range<Int>, entryCount: Int) {
        let recordSize = 22
        guard data.count >= recordSize else { throw .damaged("it is too short for a zip archive") }
        var start = data.count - recordSize
        let first = max(0, start - 65_535)
        while start >= first {
            var cursor = try ByteCursor(data, start..<data.count)
            if try cursor.integer(UInt32.self) == 0x0605_4B50 {
                _ = try cursor.take(4)
                let onDisk = try cursor.integer(UInt16.self), total = try cursor.integer(UInt16.self)
                let size = try cursor.integer(UInt32.self), offset = try cursor.integer(UInt32.self)
                guard onDisk == total else { throw .unsupported("is a zip archive in several parts") }
                if let wide = try wideDirectory(data, before: start) { return wide }
                return try directory(offset: UInt64(offset), size: UInt64(size), entryCount: UInt64(total), before: start)
            }
            start -= 1
        }
        throw .damaged("it lacks the directory at its end, as after a download that broke off")
    }

    /// The ZIP64 end record, if its locator stands right before the plain one.
    private static func wideDirectory(_ data: Data, before end: Int) throws(TorchFileFault) -> (range: Range<Int>, entryCount: Int)? {
        guard end >= 20 else { return nil }
        var locator = try ByteCursor(data, end - 20..<end)
        guard try locator.integer(UInt32.self) == 0x0706_4B50 else { return nil }
        _ = try locator.take(4)
        let place = try locator.length(UInt64.self)
        guard place <= end - 56 else { throw .damaged("its ZIP64 record lies beyond the end") }
        var record = try ByteCursor(data, place..<end)
        guard try record.integer(UInt32.self) == 0x0606_4B50 else { throw .damaged("its ZIP64 record is missing") }
        _ = try record.take(28)
        let total = try record.integer(UInt64.self), size = try record.integer(UInt64.self), offset = try record.integer(UInt64.self)
        return try directory(offset: offset, size: size, entryCount: total, before: place)
    }

    private static func directory(
        offset: UInt64, size: UInt64, entryCount: UInt64, before end: Int
    ) throws(TorchFileFault) -> (range: Range<Int>, entryCount: Int) {
        let (sum, hasOverflow) = offset.addingReportingOverflow(size)
        // An entry takes 46 bytes or more.
        guard !hasOverflow, sum <= UInt64(end), entryCount <= size / 46 else { throw .damaged("its directory lies outside of it") }
        return (Int(offset)..<Int(sum), Int(entryCount))
    }

    private static func readEntry(_ cursor: inout ByteCursor, _ data: Data) throws(TorchFileFault) -> Entry {
        guard try cursor.integer(UInt32.self) == 0x0201_4B50 else { throw .damaged("its directory is broken at byte \(cursor.position - 4)") }
        _ = try cursor.take(4)
        let flags = try cursor.integer(UInt16.self), method = try cursor.integer(UInt16.self)
        _ = try cursor.take(4)
        let checksum = try cursor.integer(UInt32.self)
        var packed = UInt64(try cursor.integer(UInt32.self)), unpacked = UInt64(try cursor.integer(UInt32.self))
        let nameLength = Int(try cursor.integer(UInt16.self)), extraLength = Int(try cursor.integer(UInt16.self))
        let commentLength = Int(try cursor.integer(UInt16.self))
        _ = try cursor.take(8)
        var offset = UInt64(try cursor.integer(UInt32.self))
        let name = try cursor.text(nameLength)
        var extra = try ByteCursor(data, cursor.take(extraLength))
        _ = try cursor.take(commentLength)
        while extra.remaining >= 4 {
            let kind = try extra.integer(UInt16.self), length = Int(try extra.integer(UInt16.self))
            var field = try ByteCursor(data, extra.take(length))
            guard kind == 1 else { continue }
            if unpacked == 0xFFFF_FFFF { unpacked = try field.integer(UInt64.self) }
            if packed == 0xFFFF_FFFF { packed = try field.integer(UInt64.self) }
            if offset == 0xFFFF_FFFF { offset = try field.integer(UInt64.self) }
        }
        guard flags & 1 == 0 else { throw .unsupported("is an encrypted archive") }
        guard method == 0 || method == 8 else { throw .unsupported("packs \(name) in the unknown way \(method)") }
        guard let place = Int(exactly: offset), let packedCount = Int(exactly: packed), let count = Int(exactly: unpacked),
            method == 8 || packed == unpacked, place < data.count
        else { throw .damaged("the sizes of \(name) are impossible") }
        // The local header has name and extra fields of its own, which pad the data to an alignment.
        var local = try ByteCursor(data, place..<data.count)
        guard try local.integer(UInt32.self) == 0x0403_4B50 else { throw .damaged("\(name) does not start where the directory says") }
        _ = try local.take(22)
        let localName = Int(try local.integer(UInt16.self)), localExtra = Int(try local.integer(UInt16.self))
        _ = try local.take(localName + localExtra)
        return Entry(name: name, isDeflated: method == 8, checksum: checksum, byteCount: count, range: try local.take(packedCount))
    }
}
