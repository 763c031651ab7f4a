import NeuralNetworks

/// How far a network is from its reference.
package struct ParityReport: Sendable, Codable, Equatable {
    /// Bounds of the relative error.
    package static let forwardTolerance = 1e-3
    package static let gradientTolerance = 1e-2

    package private(set) var architecture: String
    package private(set) var mode: ParityProbe.Mode
    /// The bounds that this report holds its network to: the plain ones, or a few times the reference's own rounding.
    package private(set) var outputTolerance = Self.forwardTolerance
    package private(set) var elementTolerance = Self.gradientTolerance
    package private(set) var sumTolerance = Self.gradientTolerance
    /// A gradient whose mean magnitude is below this fraction of the median over all parameters is measured against that floor.
    static let gradientFloorFraction = 1e-2
    /// One below this fraction of the floor is truly zero, as that of a bias before a batch norm: what is left is the rounding of
    /// a sum of large terms, so it is measured against the largest of all.
    static let vanishingFraction = 1e-4
    /// Two engines in single precision round independently, and this is the worst of thousands of comparisons.
    static let roundingFactor = 4.0

    /// The number of comparisons.
    package private(set) var checks = 0
    /// The largest relative errors seen in outputs and loss, and in gradients, and where.
    package private(set) var worstForwardError = 0.0
    package private(set) var worstForwardPlace = ""
    package private(set) var worstGradientError = 0.0
    package private(set) var worstGradientPlace = ""
    /// One sentence for each comparison that failed.
    package private(set) var failures: [String] = []

    package var passed: Bool { failures.isEmpty && checks > 0 }

    init(architecture: String, mode: ParityProbe.Mode, rounding: ParityProbe.Rounding?) {
        self.architecture = architecture
        self.mode = mode
        if let rounding {
            outputTolerance = max(Self.forwardTolerance, Self.roundingFactor * (rounding.forward ?? 0))
            elementTolerance = max(Self.gradientTolerance, Self.roundingFactor * rounding.first)
            sumTolerance = max(Self.gradientTolerance, Self.roundingFactor * rounding.sumAbs)
        }
    }

    /// Counts a comparison that is right or wrong.
    mutating func check(_ isEqual: Bool, _ failure: @autoclosure () -> String) {
        checks += 1
        if !isEqual { failures.append(failure()) }
    }

    /// Compares a number; `scale` is the magnitude that the error is relative to.
    mutating func compare(
        _ found: Double, _ expected: Double, scale: Double, isGradient: Bool, isSum: Bool = false, place: String
    ) {
        let difference = abs(found - expected)
        // A reference of exactly zero leaves nothing to be relative to.
        let error = difference == 0 ? 0 : difference / max(scale, 1e-30)
        let bound = !isGradient ? outputTolerance : isSum ? sumTolerance : elementTolerance
        if isGradient {
            if !(error <= worstGradientError) { (worstGradientError, worstGradientPlace) = (error, place) }
        } else if !(error <= worstForwardError) {
            (worstForwardError, worstForwardPlace) = (error, place)
        }
        check(error <= bound, "\(place) is \(found), the reference \(expected): relative error \(error), allowed \(bound).")
    }

    /// Compares a tensor with a summary; `floor` is the least mean magnitude that errors relate to.
    mutating func compare(
        _ values: UnsafeBufferPointer<Float>, order: TorchOrder, shape: [Int], _ reference: ParityProbe.Summary, isGradient: Bool,
        floor: Double = 0, place: String
    ) {
        check(shape == reference.shape, "\(place) has shape \(shape), the reference \(reference.shape).")
        guard shape == reference.shape else { return }
        let elements = Double(max(1, values.count))
        let mean = max(abs(reference.sumAbs) / elements, floor)
        let sumAbs = Self.sumOfMagnitudes(values)
        compare(sumAbs, reference.sumAbs, scale: mean * elements, isGradient: isGradient, isSum: true, place: "\(place).sum_abs")
        check(
            reference.first.count == min(8, values.count),
            "\(place).first has \(reference.first.count) reference values where \(min(8, values.count)) are needed.")
        for (index, expected) in reference.first.enumerated() where index < values.count {
            let found = Double(values[order.engineIndex(ofTorch: index)])
            compare(found, expected, scale: mean, isGradient: isGradient, place: "\(place).first[\(index)]")
        }
    }

    /// Eight sums in turn, so that no addition waits for the one before.
    private static func sumOfMagnitudes(_ values: UnsafeBufferPointer<Float>) -> Double {
        var sums = SIMD8<Double>.zero
        let whole = values.count / 8 * 8
        for start in stride(from: 0, to: whole, by: 8) {
            for lane in 0..<8 { sums[lane] += Double(abs(values[start + lane])) }
        }
        return values[whole...].reduce(sums.sum()) { $0 + Double(abs($1)) }
    }
}
