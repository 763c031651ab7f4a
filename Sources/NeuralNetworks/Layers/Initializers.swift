import TensorEngine

/// Distributions that new weights are drawn from.
package enum WeightInitializer: Sendable {
    /// Uniform within ±1/√(fan in): torch's default for convolutions and linear layers.
    case torchDefault
    /// Uniform within ±√(6/(fan in)): torch's `kaiming_uniform_` (He et al., 2015).
    case kaimingUniform
    /// Normal with variance 2/(fan in), torch's `kaiming_normal_`.
    case kaimingNormalFanIn
    /// Normal with variance 2/(fan out) (He et al., 2015), torch's `kaiming_normal_(mode="fan_out")`.
    case kaimingNormalFanOut
    /// Uniform with variance 2/(fan in + fan out) (Glorot and Bengio, 2010), torch's `xavier_uniform_`.
    case xavierUniform
    /// Normal with this standard deviation.
    case normal(standardDeviation: Float)
    /// Uniform within ±bound.
    case uniform(bound: Float)

    /// True while networks are built only to be counted: weights then stay unset and their memory untouched.
    @TaskLocal package static var isSkipped = false

    /// A tensor drawn for a weight `shape` of `[O, …, I]`; `fanOut` counts O times the kernel's cells.
    package func makeTensor(_ shape: Shape, random: inout RandomSource) -> Tensor {
        guard !Self.isSkipped else { return .untouched(shape) }
        let fanIn = max(1, shape.count / max(1, shape[0])), fanOut = max(1, shape.count / max(1, shape[-1]))
        let tensor = Tensor.uninitialized(shape)
        switch self {
        case .torchDefault:
            let bound = 1 / Float(fanIn).squareRoot()
            random.fillUniform(tensor, -bound, bound)
        case .xavierUniform:
            let bound = (6 / Float(fanIn + fanOut)).squareRoot()
            random.fillUniform(tensor, -bound, bound)
        case .kaimingUniform:
            let bound = (6 / Float(fanIn)).squareRoot()
            random.fillUniform(tensor, -bound, bound)
        case .kaimingNormalFanIn:
            let deviation = (2 / Float(fanIn)).squareRoot()
            random.fillNormal(tensor, deviation: deviation)
        case .kaimingNormalFanOut:
            let deviation = (2 / Float(fanOut)).squareRoot()
            random.fillNormal(tensor, deviation: deviation)
        case .normal(let deviation):
            random.fillNormal(tensor, deviation: deviation)
        case .uniform(let bound):
            random.fillUniform(tensor, -bound, bound)
        }
        return tensor
    }

    /// A bias of `count` values: torch's default is uniform within ±1/√(fan in), the others start at zero.
    func makeBias(_ count: Int, fanIn: Int, random: inout RandomSource) -> Tensor {
        guard case .torchDefault = self else { return .zeros([count]) }
        let bound = 1 / Float(max(1, fanIn)).squareRoot()
        return Tensor((0..<count).map { _ in random.uniform(-bound, bound) }, shape: [count])
    }
}
