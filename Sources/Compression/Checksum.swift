import CZlib

/// The CRC-32 of zip and gzip (ISO 3309).
package func checksum(_ bytes: UnsafeRawBufferPointer) -> UInt32 {
    var value: UInt = 0
    var rest = bytes[...]
    while !rest.isEmpty {
        // zlib counts its input in 32 bits.
        let part = UnsafeRawBufferPointer(rebasing: rest.prefix(1 << 30))
        value = crc32(value, part.bindMemory(to: UInt8.self).baseAddress, UInt32(part.count))
        rest = rest.dropFirst(part.count)
    }
    return UInt32(truncatingIfNeeded: value)
}
