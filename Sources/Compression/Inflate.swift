import CZlib

/// What wraps compressed bytes (Deutsch: RFC 1951 and RFC 1952, 1996).
package enum CompressedFormat: Sendable {
    /// A deflate stream alone, as inside zip archives.
    case deflate
    /// A deflate stream in gzip's frame, whose checksum is verified.
    case gzip

    /// zlib's code for the window's size and the frame.
    fileprivate var windowBits: Int32 {
        switch self {
        case .deflate: -MAX_WBITS
        case .gzip: 16 + MAX_WBITS
        }
    }
}

/// Why bytes do not decompress.
package enum CompressionError: Error, Equatable, CustomStringConvertible {
    case damaged
    case truncated
    /// The result would be longer than the caller allows, in bytes.
    case tooLarge(limit: Int)

    package var description: String {
        switch self {
        case .damaged: "the compressed data is damaged"
        case .truncated: "the compressed data ends too early"
        case .tooLarge(let limit): "the compressed data unpacks to more than \(limit) bytes"
        }
    }
}

/// The bytes of one compressed stream, unpacked; refuses to make more than `limit` bytes.
package func inflate(
    _ bytes: UnsafeRawBufferPointer, format: CompressedFormat, limit: Int
) throws(CompressionError) -> [UInt8] {
    var stream = z_stream()
    guard inflateInit2_(&stream, format.windowBits, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else {
        preconditionFailure("zlib cannot start: the library does not fit its header")
    }
    defer { inflateEnd(&stream) }
    var output: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: min(max(limit, 1), 1 << 18))
    var rest = bytes[...]
    while true {
        if stream.avail_in == 0 {
            // zlib counts its input in 32 bits.
            let part = UnsafeRawBufferPointer(rebasing: rest.prefix(1 << 30))
            stream.next_in = UnsafeMutablePointer(mutating: part.bindMemory(to: UInt8.self).baseAddress)
            stream.avail_in = UInt32(part.count)
            rest = rest.dropFirst(part.count)
        }
        let (status, written) = chunk.withUnsafeMutableBufferPointer { target -> (Int32, Int) in
            stream.next_out = target.baseAddress
            stream.avail_out = UInt32(target.count)
            let status = CZlib.inflate(&stream, Z_NO_FLUSH)
            return (status, target.count - Int(stream.avail_out))
        }
        guard output.count + written <= limit else { throw .tooLarge(limit: limit) }
        output += chunk[..<written]
        switch status {
        case Z_STREAM_END: return output
        case Z_OK where written > 0 || !rest.isEmpty: continue
        case Z_OK, Z_BUF_ERROR: throw .truncated
        default: throw .damaged
        }
    }
}

/// The bytes of a gzip file, unpacked.
package func gunzip(_ bytes: [UInt8], limit: Int = 1 << 30) throws(CompressionError) -> [UInt8] {
    do {
        return try bytes.withUnsafeBytes { try inflate($0, format: .gzip, limit: limit) }
    } catch let error as CompressionError {
        throw error
    } catch {
        preconditionFailure("unreachable: \(error)")
    }
}
