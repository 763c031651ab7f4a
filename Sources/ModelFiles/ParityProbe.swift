import Compression
import Foundation
import NeuralNetworks
import TensorEngine

/// What a reference implementation computed for one architecture, in the format `trainyard-probe/1`.
package struct ParityProbe: Codable, Sendable, Equatable {
    package enum Mode: String, Codable, Sendable { case train, eval }

    /// A tensor in short; indices run in torch's order.
    package struct Summary: Codable, Sendable, Equatable {
        package var shape: [Int]
        package var sum: Double
        package var sumAbs: Double
        package var first: [Double]

        private enum CodingKeys: String, CodingKey { case shape, sum, sumAbs = "sum_abs", first }
    }

    package struct Gradient: Codable, Sendable, Equatable {
        package var key: String
        package var shape: [Int]
        package var sum: Double
        package var sumAbs: Double
        package var first: [Double]

        private enum CodingKeys: String, CodingKey { case key, shape, sum, sumAbs = "sum_abs", first }

        var summary: Summary { Summary(shape: shape, sum: sum, sumAbs: sumAbs, first: first) }
    }

    package struct StateEntry: Codable, Sendable, Equatable {
        package var key: String
        package var shape: [Int]
        package var dtype: String
    }

    /// How far the reference itself, in single precision, is from these values: its largest relative errors.
    ///
    /// Batch statistics and the kinks of activations amplify rounding; no engine in single precision can be held to less.
    package struct Rounding: Codable, Sendable, Equatable {
        /// Of single elements of gradients, against their tensor's mean magnitude.
        package var first: Double
        /// Of gradients' sums of magnitudes.
        package var sumAbs: Double
        /// Of outputs and loss.
        package var forward: Double?

        private enum CodingKeys: String, CodingKey { case first, sumAbs = "sum_abs", forward }
    }

    package static let formatName = "trainyard-probe/1"

    package var format: String
    package var architecture: String
    package var classes: Int
    package var seed: UInt64
    package var mode: Mode
    /// The input's shape `[N, C, H, W]`.
    package var input: [Int]
    package var outputs: [Summary]
    package var loss: Double
    package var gradients: [Gradient]
    package var state: [StateEntry]
    /// Absent when the reference's own rounding is not known; the plain bounds then hold.
    package var rounding: Rounding?

    private enum CodingKeys: String, CodingKey {
        case format, architecture, classes, seed, mode, input, outputs, loss, gradients, state, rounding = "float32_error"
    }

    /// Reads a probe in JSON, plain or compressed by gzip.
    package init(contentsOf url: URL) throws(ParityProbeError) {
        var data: Data
        do {
            data = try Data(contentsOf: url)
        } catch {
            throw .unreadable(path: url.path, reason: error.localizedDescription)
        }
        if data.starts(with: [0x1F, 0x8B]) {
            do {
                data = Data(try gunzip([UInt8](data)))
            } catch {
                throw .unreadable(path: url.path, reason: "\(error)")
            }
        }
        do {
            self = try JSONDecoder().decode(Self.self, from: data)
        } catch {
            throw .malformed(path: url.path, reason: Self.describe(error))
        }
        guard format == Self.formatName else {
            throw .malformed(path: url.path, reason: "its format is \"\(format)\", not \"\(Self.formatName)\"")
        }
        guard classes > 0, input.count == 4, input[1] == 3, input.allSatisfy({ $0 > 0 && $0 <= 4096 }) else {
            throw .malformed(path: url.path, reason: "it needs classes of at least 1 and an input of shape [N, 3, H, W]")
        }
    }

    private static func describe(_ error: any Error) -> String {
        guard let error = error as? DecodingError else { return error.localizedDescription }
        let (context, problem): (DecodingError.Context, String) = switch error {
        case .keyNotFound(let key, let context): (context, "lacks \(key.stringValue)")
        case .typeMismatch(let type, let context): (context, "is not a \(type)")
        case .valueNotFound(let type, let context): (context, "is null, not a \(type)")
        case .dataCorrupted(let context): (context, context.debugDescription)
        @unknown default: (DecodingError.Context(codingPath: [], debugDescription: ""), "cannot be decoded")
        }
        let place = context.codingPath.map { $0.intValue.map(String.init) ?? $0.stringValue }.joined(separator: "/")
        return "/\(place) \(problem)"
    }
}

/// Why a probe file cannot be used.
package enum ParityProbeError: Error, Equatable, CustomStringConvertible {
    case unreadable(path: String, reason: String)
    case malformed(path: String, reason: String)

    package var description: String {
        switch self {
        case .unreadable(let path, let reason): "The probe \(path) cannot be read: \(reason); check the path."
        case .malformed(let path, let reason): "The probe \(path) is not usable: \(reason); make it again with Tests/Oracles/make_probes.py."
        }
    }
}

/// The network that a probe runs on.
package enum ProbedNetwork {
    case classifier(any ClassificationNetwork)
    case detector(any DetectionNetwork)

    var module: Module {
        switch self {
        case .classifier(let network): network
        case .detector(let network): network
        }
    }
}
