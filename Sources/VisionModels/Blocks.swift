import NeuralNetworks
import TensorEngine

/// A convolution without bias whose padding keeps the extents at stride one, He-initialised unless said otherwise.
func convolution(
    _ input: Int, _ output: Int, kernel: Int, stride: Int = 1, groups: Int = 1,
    initializer: WeightInitializer = .kaimingNormalFanOut, random: inout RandomSource
) -> Conv2d {
    Conv2d(
        input, output, kernel: kernel, stride: stride, padding: kernel / 2, groups: groups, bias: false, initializer: initializer,
        random: &random)
}

/// The constants that a family gives its batch norms; the default ones are torch's.
struct NormSettings {
    var epsilon: Float = 1e-5
    var momentum: Float = 0.1
}

/// Convolution, batch norm and an optional activation, numbered 0, 1, 2.
func convolutionNorm(
    _ input: Int, _ output: Int, kernel: Int, stride: Int = 1, groups: Int = 1, norm: NormSettings = NormSettings(),
    initializer: WeightInitializer = .kaimingNormalFanOut, activation: ActivationLayer?, random: inout RandomSource
) -> Sequential {
    Sequential(convolutionNormLayers(
        input, output, kernel: kernel, stride: stride, groups: groups, norm: norm, initializer: initializer,
        activation: activation, random: &random))
}

/// The same layers for a network that numbers them along with others.
func convolutionNormLayers(
    _ input: Int, _ output: Int, kernel: Int, stride: Int = 1, groups: Int = 1, norm: NormSettings = NormSettings(),
    initializer: WeightInitializer = .kaimingNormalFanOut, activation: ActivationLayer?, random: inout RandomSource
) -> [any UnaryLayer] {
    let layers: [any UnaryLayer] = [
        convolution(input, output, kernel: kernel, stride: stride, groups: groups, initializer: initializer, random: &random),
        BatchNorm2d(output, epsilon: norm.epsilon, momentum: norm.momentum),
    ]
    return activation.map { layers + [$0] } ?? layers
}

/// Scales each channel by a gate computed from the channels' means (Hu et al., Squeeze-and-Excitation Networks, 2017).
final class SqueezeExcitation: Module, UnaryLayer {
    let fc1: Conv2d
    let fc2: Conv2d
    private let activation, gate: Activation

    /// `biasInitializer` is that of the weights where it is nil.
    init(
        _ channels: Int, squeezed: Int, activation: Activation = .relu, gate: Activation = .sigmoid,
        biasInitializer: WeightInitializer? = nil, random: inout RandomSource
    ) {
        func layer(_ input: Int, _ output: Int, random: inout RandomSource) -> Conv2d {
            Conv2d(
                input, output, kernel: 1, initializer: .kaimingNormalFanOut, biasInitializer: biasInitializer, random: &random)
        }
        fc1 = layer(channels, squeezed, random: &random)
        fc2 = layer(squeezed, channels, random: &random)
        self.activation = activation
        self.gate = gate
    }

    func callAsFunction(_ x: Tensor) -> Tensor {
        let squeezed = Tensor.activation(fc1(Tensor.globalAveragePool(x)), activation)
        return Tensor.scaleChannels(x, by: Tensor.activation(fc2(squeezed), gate))
    }
}

/// The block of MobileNetV3 and EfficientNet: expansion, depthwise convolution, squeeze and excitation, projection; a shortcut where the
/// shape stays (Sandler et al., MobileNetV2, 2018; Tan et al., MnasNet, 2018).
final class InvertedResidual: Module, UnaryLayer {
    let block: Sequential
    private let stochastic_depth: StochasticDepth?
    private let hasShortcut: Bool

    /// `expanded` equal to `input` leaves the expansion out, as a nil `squeezeExcitation` does the gate; `dropProbability` is that of
    /// stochastic depth.
    init(
        _ input: Int, expanded: Int, _ output: Int, kernel: Int, stride: Int, norm: NormSettings,
        activation: () -> ActivationLayer, squeezeExcitation: ((inout RandomSource) -> SqueezeExcitation)?,
        dropProbability: Float? = nil, random: inout RandomSource
    ) {
        var layers: [any UnaryLayer] = []
        if expanded != input {
            layers.append(convolutionNorm(input, expanded, kernel: 1, norm: norm, activation: activation(), random: &random))
        }
        layers.append(convolutionNorm(
            expanded, expanded, kernel: kernel, stride: stride, groups: expanded, norm: norm, activation: activation(),
            random: &random))
        if let squeezeExcitation { layers.append(squeezeExcitation(&random)) }
        layers.append(convolutionNorm(expanded, output, kernel: 1, norm: norm, activation: nil, random: &random))
        block = Sequential(layers)
        stochastic_depth = dropProbability.map { StochasticDepth($0, random: &random) }
        hasShortcut = stride == 1 && input == output
    }

    func callAsFunction(_ x: Tensor) -> Tensor {
        guard hasShortcut else { return block(x) }
        // Only a dropped branch is added in a pass of its own.
        if isTraining, let stochastic_depth, stochastic_depth.probability > 0 { return Tensor.add(stochastic_depth(block(x)), x) }
        return block(x, residual: x)
    }
}

/// The nearest multiple of `divisor` that is at least 90 % of `value` (Sandler et al., MobileNetV2, 2018).
func makeDivisible(_ value: Double, by divisor: Int = 8) -> Int {
    let nearest = max(divisor, Int(value + Double(divisor) / 2) / divisor * divisor)
    return Double(nearest) < 0.9 * value ? nearest + divisor : nearest
}
