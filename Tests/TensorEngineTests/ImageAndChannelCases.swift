import TensorEngine

/// Operations that treat whole images alike, or exchange channels.
enum ImageAndChannelCases {
    static var all: [OperationCase] {
        [([4, 2, 3, 5], 0.4), ([3, 7], 0.2), ([0, 2, 2, 3], 0.5), ([2, 4], 0), ([2, 4], 1)].map { stochasticDepth($0.0, $0.1) }
            + [([2, 3, 1, 12], 3), ([2, 3, 2, 10], 2), ([5, 6], 6), ([3, 4], 1), ([0, 4], 2), ([3, 0], 2)].map { shuffle($0.0, groups: $0.1) }
    }

    private static func stochasticDepth(_ shape: [Int], _ probability: Float) -> OperationCase {
        OperationCase(
            name: "stochasticDepth \(shape), probability \(probability)", inputs: [shape],
            speedInputs: shape.count == 4 && shape[0] > 0 ? [[8, 56, 56, 64]] : nil,
            run: { x, _ in
                var random = RandomSource(seed: 3)
                return [.stochasticDepth(x[0], probability: probability, random: &random)]
            },
            reference: { x, _ in
                var random = RandomSource(seed: 3)
                let images = (0..<shape[0]).map { _ in random.uniform() }
                let length = shape[1...].reduce(1, *)
                return [Reference(shape, x[0].values.enumerated().map { index, value in
                    probability > 0 && images[index / length] < probability ? 0 : value / Double(1 - probability)
                })]
            })
    }

    private static func shuffle(_ shape: [Int], groups: Int) -> OperationCase {
        OperationCase(
            name: "shuffleChannels \(shape), \(groups) groups", inputs: [shape],
            speedInputs: groups == 2 && shape.count == 4 ? [[8, 28, 28, 116]] : nil,
            run: { x, _ in [.shuffleChannels(x[0], groups: groups)] },
            reference: { x, _ in
                let channels = shape[shape.count - 1], columns = channels / groups
                return [Reference(shape, x[0].values.indices.map { index in
                    let pixel = index / channels, channel = index % channels
                    return x[0].values[pixel * channels + channel % groups * columns + channel / groups]
                })]
            })
    }
}
