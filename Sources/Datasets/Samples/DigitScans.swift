import Compression
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
        let bytes: [UInt8]
        do {
            bytes = try gunzip(PackageResources.digits_csv_gz)
        } catch {
            throw .damagedResource("\(error)")
        }
        let text = String(decoding: bytes, as: UTF8.self)
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
