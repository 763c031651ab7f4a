import Foundation

/// A place in a file's bytes that moves forward and never leaves them.
struct ByteCursor {
    private let data: Data
    /// Bytes from the file's beginning.
    private(set) var position: Int
    private let end: Int

    /// Reads `range` of `data`, counted from its start; a range beyond the data is damage.
    init(_ data: Data, _ range: Range<Int>) throws(TorchFileFault) {
        guard range.lowerBound >= 0, range.upperBound <= data.count else { throw .damaged("it ends before byte \(range.upperBound)") }
        self.data = data
        position = range.lowerBound
        end = range.upperBound
    }

    var remaining: Int { end - position }

    /// Passes over `count` bytes and gives their range.
    mutating func take(_ count: Int) throws(TorchFileFault) -> Range<Int> {
        guard count >= 0, count <= remaining else { throw .damaged("it ends within what starts at byte \(position)") }
        defer { position += count }
        return position..<position + count
    }

    mutating func byte() throws(TorchFileFault) -> UInt8 {
        let range = try take(1)
        return data[data.startIndex + range.lowerBound]
    }

    /// The next bytes as a little-endian integer.
    mutating func integer<Value: FixedWidthInteger>(_: Value.Type) throws(TorchFileFault) -> Value {
        let range = try take(MemoryLayout<Value>.size)
        return data.withUnsafeBytes { Value(littleEndian: $0.loadUnaligned(fromByteOffset: range.lowerBound, as: Value.self)) }
    }

    /// A length of 32 or 64 bits without sign, as far as it fits.
    mutating func length<Value: FixedWidthInteger & UnsignedInteger>(_ type: Value.Type) throws(TorchFileFault) -> Int {
        let start = position
        guard let value = Int(exactly: try integer(type)) else { throw .damaged("the length at byte \(start) is out of range") }
        return value
    }

    mutating func text(_ count: Int) throws(TorchFileFault) -> String {
        let range = try take(count)
        guard let text = String(validating: bytes(range), as: UTF8.self) else {
            throw .damaged("the text at byte \(range.lowerBound) is not UTF-8")
        }
        return text
    }

    /// The text up to the next line feed, which is passed over; at most `limit` bytes.
    mutating func line(limit: Int) throws(TorchFileFault) -> String {
        let start = position
        let candidates = bytes(start..<min(end, start + limit + 1))
        guard let feed = candidates.firstIndex(of: 0x0A) else { throw .damaged("the name at byte \(start) has no end") }
        let text = try text(feed - candidates.startIndex)
        position += 1
        return text
    }

    private func bytes(_ range: Range<Int>) -> Data { data[data.startIndex + range.lowerBound..<data.startIndex + range.upperBound] }
}
