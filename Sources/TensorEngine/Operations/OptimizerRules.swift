import CKernels
import Glibc

/// The steps of torch.optim's further rules, each one parallel region over all segments. The columns of a segment are the
/// value, its gradient and the tensors that the rule keeps, in the order of the kernel's arguments.
extension OptimizerKernels {
    /// What joins the gradient: g = ±∂ + λθ, after θ has been multiplied by `shrink`.
    package struct GradientRule: Sendable {
        fileprivate let rule: ty_gradient_rule

        /// - Parameter decoupledRate: with a learning rate, decay multiplies the value by 1 − rate·λ; else λθ joins the gradient.
        package init(maximize: Bool, weightDecay: Float, decoupledRate: Float? = nil) {
            rule = ty_gradient_rule(
                sign: maximize ? -1 : 1, weight_decay: decoupledRate == nil ? weightDecay : 0,
                shrink: decoupledRate.map { 1 - $0 * weightDecay } ?? 1)
        }
    }

    /// SGD without momentum: θ −= η(∂ + λθ). Columns: value, gradient.
    package static func sgd(segments: TensorSegments, learningRate: Float, weightDecay: Float) {
        precondition(segments.columns == 2 || segments.count == 0, "sgd: \(segments.columns) tensors a segment")
        // Without momentum the kernel leaves its buffer alone.
        segments.forEachRun { ty_sgd_step($0[0], $0[1], $0[1], learningRate, 0, weightDecay, false, $0.count) }
    }

    /// SGD with dampening τ: m = g at first, then μm + (1 − τ)g; θ −= ηm. Columns: value, gradient, m.
    package static func sgdDampened(
        segments: TensorSegments, _ gradient: GradientRule, learningRate: Float, momentum: Float, dampening: Float, isFirst: Bool
    ) {
        each(segments, gradient, columns: 3) {
            ty_sgd_dampened_step($0, learningRate, momentum, dampening, isFirst, $1[0], $1[1], $1[2], $1.count)
        }
    }

    /// Adam with the largest second moment so far (Reddi et al., 2018). Columns: value, gradient, both moments, the largest.
    package static func amsgrad(
        segments: TensorSegments, learningRate: Float, beta1: Float, beta2: Float, epsilon: Float, weightDecay: Float,
        decoupled: Bool, step: Int
    ) {
        precondition(segments.columns == 5 || segments.count == 0, "amsgrad: \(segments.columns) tensors a segment")
        let rule = ty_adam(
            learning_rate: learningRate, beta1: beta1, beta2: beta2, epsilon: epsilon, weight_decay: weightDecay,
            correction1: Float(1 - pow(Double(beta1), Double(step))),
            root_correction2: Float((1 - pow(Double(beta2), Double(step))).squareRoot()), decoupled: decoupled)
        segments.forEachRun { run in
            withUnsafePointer(to: rule) { ty_amsgrad_step($0, run[0], run[1], run[2], run[3], run[4], run.count) }
        }
    }

    /// Adamax; `rate` has the first moment's correction in it. Columns: value, gradient, first moment, norm.
    package static func adamax(
        segments: TensorSegments, _ gradient: GradientRule, rate: Float, beta1: Float, beta2: Float, epsilon: Float
    ) {
        each(segments, gradient, columns: 4) {
            ty_adamax_step($0, rate, beta1, beta2, epsilon, $1[0], $1[1], $1[2], $1[3], $1.count)
        }
    }

    /// NAdam and RAdam: θ −= (a·g + b·m) / (√s·r + ε), or θ −= b·m without `inverseRoot` r. Columns: value, gradient, moments m and s.
    package static func adaptive(
        segments: TensorSegments, _ gradient: GradientRule, beta1: Float, beta2: Float, epsilon: Float, gradientRate: Float,
        momentumRate: Float, inverseRoot: Float?
    ) {
        precondition(segments.columns == 4 || segments.count == 0, "adaptive: \(segments.columns) tensors a segment")
        let rule = ty_adaptive(
            gradient: gradient.rule, beta1: beta1, beta2: beta2, epsilon: epsilon, gradient_rate: gradientRate,
            momentum_rate: momentumRate, inverse_root: inverseRoot ?? 0, adaptive: inverseRoot != nil)
        segments.forEachRun { run in
            withUnsafePointer(to: rule) { ty_adaptive_step($0, run[0], run[1], run[2], run[3], run.count) }
        }
    }

    /// Adagrad. Columns: value, gradient, sum of squares.
    package static func adagrad(segments: TensorSegments, _ gradient: GradientRule, rate: Float, epsilon: Float) {
        each(segments, gradient, columns: 3) { ty_adagrad_step($0, rate, epsilon, $1[0], $1[1], $1[2], $1.count) }
    }

    /// Adadelta. Columns: value, gradient, mean square of gradients, mean square of changes.
    package static func adadelta(segments: TensorSegments, _ gradient: GradientRule, rate: Float, rho: Float, epsilon: Float) {
        each(segments, gradient, columns: 4) { ty_adadelta_step($0, rate, rho, epsilon, $1[0], $1[1], $1[2], $1[3], $1.count) }
    }

    /// RMSprop. Columns: value, gradient, mean square, then the mean where `centered`, then the buffer where momentum is not zero.
    package static func rmsprop(
        segments: TensorSegments, _ gradient: GradientRule, rate: Float, alpha: Float, momentum: Float?, centered: Bool, epsilon: Float
    ) {
        each(segments, gradient, columns: 3 + (centered ? 1 : 0) + (momentum == nil ? 0 : 1)) {
            ty_rmsprop_step(
                $0, rate, alpha, momentum ?? 0, epsilon, $1[0], $1[1], $1[2], centered ? $1[3] : nil,
                momentum == nil ? nil : $1[centered ? 4 : 3], $1.count)
        }
    }

    /// Rprop. Columns: value, gradient, previous gradient, step sizes.
    package static func rprop(
        segments: TensorSegments, maximize: Bool, factors: (shrink: Float, grow: Float), sizes: ClosedRange<Float>
    ) {
        precondition(segments.columns == 4 || segments.count == 0, "rprop: \(segments.columns) tensors a segment")
        let rule = ty_rprop(
            sign: maximize ? -1 : 1, shrink: factors.shrink, grow: factors.grow, least: sizes.lowerBound, most: sizes.upperBound)
        segments.forEachRun { run in
            withUnsafePointer(to: rule) { ty_rprop_step($0, run[0], run[1], run[2], run[3], run.count) }
        }
    }

    /// ASGD: θ = θ·decay − ηg. Columns: value, gradient, average.
    package static func asgd(segments: TensorSegments, _ gradient: GradientRule, decay: Float, eta: Float, mu: Float) {
        each(segments, gradient, columns: 3) { ty_asgd_step($0, decay, eta, mu, $1[0], $1[1], $1[2], $1.count) }
    }

    /// Sets every element of one column to at least −`bound` and at most `bound`.
    package static func clamp(segments: TensorSegments, column: Int, to bound: Float) {
        segments.forEachRun { ty_clamp($0[column], bound, $0.count) }
    }

    private static func each(
        _ segments: TensorSegments, _ gradient: GradientRule, columns: Int,
        _ body: (UnsafePointer<ty_gradient_rule>, TensorSegments.Run) -> Void
    ) {
        precondition(segments.columns == columns || segments.count == 0, "\(segments.columns) tensors a segment, \(columns) needed")
        segments.forEachRun { run in withUnsafePointer(to: gradient.rule) { body($0, run) } }
    }
}
