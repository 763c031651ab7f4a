import Foundation
import NeuralNetworks

/// The types of a tensor's elements in weight files. What is read becomes float32, or int64 for integers and truth values.
package enum TensorElement: String, Sendable, Codable {
    case float32, float64, float16, bfloat16, int64, int32, int16, int8, uint8, bool

    /// Bytes of one element.
    package var byteCount: Int {
        switch self {
        case .float64, .int64: 8
        case .float32, .int32: 4
        case .float16, .bfloat16, .int16: 2
        case .int8, .uint8, .bool: 1
        }
    }

    package var isFloat: Bool {
        switch self {
        case .float32, .float64, .float16, .bfloat16: true
        case .int64, .int32, .int16, .int8, .uint8, .bool: false
        }
    }
}

/// Where a tensor's elements lie in a file: little-endian, `offset` and `strides` counted in elements from the start of `data`.
struct TensorBytes: Sendable {
    let data: Data
    let element: TensorElement
    let offset: Int
    let shape: [Int]
    let strides: [Int]

    /// A tensor that repeats elements of its storage may have this many values; others have what they store.
    private static let maximumRepeatedCount = 1 << 20

    /// Nil when an element would lie outside of the data, or when few bytes would become very many values.
    init?(data: Data, element: TensorElement, offset: Int, shape: [Int], strides: [Int]) {
        var count = 1, last = offset
        for (extent, stride) in zip(shape, strides) {
            let (product, hasOverflow) = count.multipliedReportingOverflow(by: extent)
            let (reach, hasFarReach) = max(0, extent - 1).multipliedReportingOverflow(by: stride)
            let (sum, hasFarEnd) = last.addingReportingOverflow(reach)
            guard extent >= 0, stride >= 0, !hasOverflow, !hasFarReach, !hasFarEnd else { return nil }
            (count, last) = (product, sum)
        }
        let available = data.count / element.byteCount
        guard offset >= 0, shape.count == strides.count, count == 0 || last < available,
            count <= max(available, Self.maximumRepeatedCount)
        else { return nil }
        self.data = data
        self.element = element
        self.offset = offset
        self.shape = shape
        self.strides = strides
    }

    /// Elements one after another in the order of the shape.
    init?(data: Data, element: TensorElement, shape: [Int]) {
        var strides = [Int](repeating: 1, count: shape.count), product = 1
        for index in shape.indices.reversed() {
            strides[index] = product
            let (next, hasOverflow) = product.multipliedReportingOverflow(by: max(1, shape[index]))
            guard !hasOverflow else { return nil }
            product = next
        }
        self.init(data: data, element: element, offset: 0, shape: shape, strides: strides)
    }

    /// The values row by row, whatever the strides.
    func values() -> StateDictionary.Values {
        switch element {
        case .float32: .float32(gather(UInt32.self) { Float(bitPattern: $0) })
        case .float64: .float32(gather(UInt64.self) { Float(Double(bitPattern: $0)) })
        case .float16: .float32(gather(UInt16.self, Self.widened))
        case .bfloat16: .float32(gather(UInt16.self) { Float(bitPattern: UInt32($0) << 16) })
        case .int64: .int64(gather(Int64.self) { $0 })
        case .int32: .int64(gather(Int32.self) { Int64($0) })
        case .int16: .int64(gather(Int16.self) { Int64($0) })
        case .int8: .int64(gather(Int8.self) { Int64($0) })
        case .uint8: .int64(gather(UInt8.self) { Int64($0) })
        case .bool: .int64(gather(UInt8.self) { $0 == 0 ? 0 : 1 })
        }
    }

    /// IEEE 754 binary16 to binary32, exact.
    static func widened(_ bits: UInt16) -> Float {
        let sign = UInt32(bits >> 15) << 31, exponent = UInt32(bits >> 10) & 0x1F, fraction = UInt32(bits) & 0x3FF
        switch exponent {
        case 0:
            let magnitude = Float(fraction) * 0x1p-24
            return sign == 0 ? magnitude : -magnitude
        case 31: return Float(bitPattern: sign | 0x7F80_0000 | fraction << 13)
        default: return Float(bitPattern: sign | (exponent + 112) << 23 | fraction << 13)
        }
    }

    private func gather<Stored: FixedWidthInteger, Value>(_: Stored.Type, _ convert: (Stored) -> Value) -> [Value] {
        let count = shape.reduce(1, *), width = MemoryLayout<Stored>.size
        return data.withUnsafeBytes { bytes in
            func load(_ place: Int) -> Value {
                convert(Stored(littleEndian: bytes.loadUnaligned(fromByteOffset: place * width, as: Stored.self)))
            }
            return [Value](unsafeUninitializedCapacity: count) { result, initialized in
                initialized = count
                guard count > 0 else { return }
                let inner = shape.last ?? 1, innerStride = strides.last ?? 1
                var index = [Int](repeating: 0, count: max(0, shape.count - 1))
                var row = offset, written = 0
                while written < count {
                    for column in 0..<inner { result.initializeElement(at: written + column, to: load(row + column * innerStride)) }
                    written += inner
                    // The next row: outer dimensions count up like an odometer.
                    var dimension = index.count - 1
                    while dimension >= 0 {
                        index[dimension] += 1
                        row += strides[dimension]
                        if index[dimension] < shape[dimension] { break }
                        row -= index[dimension] * strides[dimension]
                        index[dimension] = 0
                        dimension -= 1
                    }
                }
            }
        }
    }
}
