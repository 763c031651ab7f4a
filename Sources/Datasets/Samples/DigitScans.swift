import CImageCodecs
import Foundation

/// The bundled scans of handwritten digits: 8×8 pixels with levels 0…16 (E. Alpaydin, C. Kaynak: Optical Recognition of
/// Handwritten Digits, UCI Machine Learning Repository, 1998, doi 10.24432/C50P49, CC BY 4.0).
struct DigitScan: Sendable {
    static let side = 8
    /// Ink 0…1, row by row.
    let ink: [Float]
    let label: Int

    /// The bundled scans in file order.
    static func bundled() throws(SampleDataError) -> [DigitScan] {
        let text = String(decoding: try inflate(PackageResources.digits_csv_gz), as: UTF8.self)
        var scans: [DigitScan] = []
        for line in text.split(separator: "\n") {
            let values = line.split(separator: ",").compactMap { Float($0) }
            guard values.count == side * side + 1, let label = Int(exactly: values[side * side]), (0..<10).contains(label) else {
                throw .damagedResource("line \(scans.count + 1) of the digits is not 64 levels and a digit")
            }
            scans.append(DigitScan(ink: values.dropLast().map { $0 / 16 }, label: label))
        }
        return scans
    }

    /// Every fifth scan is for validation, so that no scan is in both parts.
    static func divided() throws(SampleDataError) -> (train: [DigitScan], validation: [DigitScan]) {
        let scans = try bundled().enumerated()
        return (scans.filter { $0.offset % 5 != 4 }.map(\.element), scans.filter { $0.offset % 5 == 4 }.map(\.element))
    }

    private static func inflate(_ bytes: [UInt8]) throws(SampleDataError) -> [UInt8] {
        var stream = z_stream()
        // 16 more than the window's bits asks zlib for the gzip format.
        guard inflateInit2_(&stream, 16 + MAX_WBITS, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else {
            throw .damagedResource("zlib could not start")
        }
        defer { inflateEnd(&stream) }
        var input = bytes
        var output: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 1 << 18)
        let status = input.withUnsafeMutableBufferPointer { source -> Int32 in
            stream.next_in = source.baseAddress
            stream.avail_in = UInt32(source.count)
            var status = Z_OK
            while status == Z_OK {
                chunk.withUnsafeMutableBufferPointer { target in
                    stream.next_out = target.baseAddress
                    stream.avail_out = UInt32(target.count)
                    status = CImageCodecs.inflate(&stream, Z_NO_FLUSH)
                }
                output += chunk[..<(chunk.count - Int(stream.avail_out))]
            }
            return status
        }
        if status != Z_STREAM_END { throw .damagedResource("the bundled digits do not inflate (zlib status \(status))") }
        return output
    }
}

/// Why sample data could not be made.
package enum SampleDataError: Error, Equatable, LocalizedError, CustomStringConvertible {
    case damagedResource(String)
    case cannotWrite(String)

    package var description: String {
        switch self {
        case .damagedResource(let detail): "The bundled digits are damaged: \(detail); build the program again."
        case .cannotWrite(let detail): "The sample data cannot be written: \(detail)"
        }
    }

    package var errorDescription: String? { description }
}
