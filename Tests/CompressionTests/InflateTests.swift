import Compression
import Testing

@Suite struct InflateTests {
    /// "trainyard " thrice, compressed by gzip.
    private let packed: [UInt8] = [
        31, 139, 8, 0, 0, 0, 0, 0, 2, 3, 43, 41, 74, 204, 204, 171, 76, 44, 74, 81, 40, 193, 194, 2, 0, 200,
        158, 145, 35, 30, 0, 0, 0,
    ]

    @Test func gzipUnpacks() throws {
        #expect(String(decoding: try gunzip(packed), as: UTF8.self) == "trainyard trainyard trainyard ")
    }

    @Test func rawStreamUnpacks() throws {
        // A gzip file without options is ten bytes of header, the stream, and eight of checksum and length.
        let stream = Array(packed[10..<(packed.count - 8)])
        let text = try stream.withUnsafeBytes { try inflate($0, format: .deflate, limit: 30) }
        #expect(text.count == 30)
    }

    @Test func everyCutIsNoticed() {
        for end in packed.indices {
            #expect(throws: CompressionError.truncated) { try gunzip(Array(packed[..<end])) }
        }
    }

    @Test func damageIsNoticed() {
        // Bytes 3 to 9 are a header that decoders may ignore.
        for place in packed.indices where !(3...9).contains(place) {
            var bytes = packed
            bytes[place] ^= 0x01
            #expect(throws: CompressionError.self, "byte \(place)") { try gunzip(bytes) }
        }
    }

    @Test func resultIsBounded() {
        #expect(throws: CompressionError.tooLarge(limit: 29)) { try gunzip(packed, limit: 29) }
    }
}
