import NeuralNetworks
import TensorEngine

extension ParityProbe {
    /// Fills the network with the probe's values, runs it forwards and backwards and compares every result.
    ///
    /// The network is left with the probe's values, dropout off and its gradients gathered. Where `hasParameters` says that a probe
    /// of the same seed left its values there, only buffers are filled anew: no run changes a parameter.
    package func run(on network: ProbedNetwork, hasParameters: Bool = false) -> ParityReport {
        let values = ProbeValues(seed: seed)
        let module = network.module
        var report = ParityReport(architecture: architecture, mode: mode, rounding: rounding)
        compareState(of: module, &report)
        fill(module, from: values, hasParameters: hasParameters)
        if mode == .train { module.train() } else { module.eval() }
        for layer in module.modules() { (layer as? any StochasticLayer)?.probability = 0 }

        let tape = Tape()
        let images = tape.input(channelsLast(values.make("input", shape: input), shape: input))
        let results = run(network, on: images)
        report.check(results.count == outputs.count, "The network has \(results.count) outputs, the reference \(outputs.count).")
        var loss = 0.0
        var lossTensors: [Tensor] = []
        for (index, result) in results.enumerated() {
            let shape = torchShape(result.shape)
            if index < outputs.count {
                channelsFirst(result).withUnsafeBufferPointer {
                    report.compare($0, order: .same, shape: shape, outputs[index], isGradient: false, place: "outputs[\(index)]")
                }
            }
            let weights = channelsLast(values.make("loss.\(index)", shape: shape), shape: shape)
            let mean = Tensor.weightedMean(result, weights: weights)
            loss += Double(mean.scalar)
            lossTensors.append(mean)
        }
        report.compare(loss, self.loss, scale: abs(self.loss), isGradient: false, place: "loss")
        module.clearGradients()
        tape.backward(from: lossTensors.map { ($0, .filled($0.shape, with: 1)) })
        compareGradients(of: module, &report)
        return report
    }

    private func run(_ network: ProbedNetwork, on images: Tensor) -> [Tensor] {
        switch network {
        case .classifier(let classifier):
            return mode == .train ? classifier.trainingOutputs(images).map(\.logits) : [classifier(images)]
        case .detector(let detector):
            let output = detector(images)
            return [output.boxes, output.scores]
        }
    }

    private func fill(_ module: Module, from values: ProbeValues, hasParameters: Bool) {
        // Frozen parameters are a network's constants, such as the fixed weights of distribution focal loss.
        let kept = Set(module.namedParameters().filter { hasParameters || !$0.parameter.requiresGradient }.map(\.key))
        module.fillState { key, shape, tensor, order in
            if !kept.contains(key) { values.fill(tensor, key, shape: shape, order: order) }
        }
    }

    private func compareState(of module: Module, _ report: inout ParityReport) {
        let found = module.stateLayout.map { StateEntry(key: $0.key, shape: $0.shape, dtype: $0.typeName) }
        report.check(found.count == state.count, "The state dictionary has \(found.count) entries, the reference \(state.count).")
        for (index, (entry, expected)) in zip(found, state).enumerated() {
            report.check(
                entry == expected,
                "state[\(index)] is \(entry.key) \(entry.dtype) \(entry.shape), the reference \(expected.key) \(expected.dtype) \(expected.shape).")
        }
    }

    private func compareGradients(of module: Module, _ report: inout ParityReport) {
        let reached = module.namedParameters().filter { $0.parameter.requiresGradient && $0.parameter.gradient != nil }
        report.check(
            reached.map(\.key) == gradients.map(\.key),
            "The network's \(reached.count) parameters with a gradient differ in key or order from the reference's \(gradients.count).")
        let parameters = Dictionary(reached.map { ($0.key, $0.parameter) }, uniquingKeysWith: { first, _ in first })
        let magnitudes = gradients.map { $0.sumAbs / Double(max(1, $0.shape.reduce(1, *))) }.sorted()
        let floor = magnitudes.isEmpty ? 0 : magnitudes[magnitudes.count / 2] * ParityReport.gradientFloorFraction
        for reference in gradients {
            let place = "gradient \(reference.key)"
            guard let parameter = parameters[reference.key], let gradient = parameter.gradient else {
                report.check(false, "\(place) is missing.")
                continue
            }
            let vanishes = reference.sumAbs / Double(max(1, gradient.count)) < floor * ParityReport.vanishingFraction
            withExtendedLifetime(gradient.storage) {
                report.compare(
                    UnsafeBufferPointer(start: gradient.floats, count: gradient.count), order: parameter.torchOrder,
                    shape: parameter.torchShape, reference.summary, isGradient: true,
                    floor: vanishes ? magnitudes[magnitudes.count - 1] : floor, place: place)
            }
        }
    }
}

/// The shape in torch's order: channels, last in the engine, come second.
private func torchShape(_ shape: Shape) -> [Int] {
    let extents = shape.dimensions
    return extents.count < 3 ? extents : [extents[0], extents[extents.count - 1]] + extents[1..<(extents.count - 1)]
}

/// Values of torch's shape `[N, C, …]` as a tensor `[N, …, C]`.
private func channelsLast(_ values: [Float], shape: [Int]) -> Tensor {
    guard shape.count >= 3 else { return Tensor(values, shape: Shape(shape)) }
    let moved = transposed(values, batch: shape[0], rows: shape[1], columns: shape[2...].reduce(1, *))
    return Tensor(moved, shape: Shape([shape[0]] + shape[2...] + [shape[1]]))
}

/// A tensor `[N, …, C]` as values in torch's order `[N, C, …]`.
private func channelsFirst(_ tensor: Tensor) -> [Float] {
    let shape = tensor.shape
    guard shape.rank >= 3 else { return tensor.array }
    let channels = shape[-1]
    return transposed(tensor.array, batch: shape[0], rows: shape.count / shape[0] / channels, columns: channels)
}

private func transposed(_ values: [Float], batch: Int, rows: Int, columns: Int) -> [Float] {
    var result = [Float](repeating: 0, count: values.count)
    for image in 0..<batch {
        let start = image * rows * columns
        for row in 0..<rows {
            for column in 0..<columns { result[start + column * rows + row] = values[start + row * columns + column] }
        }
    }
    return result
}
