import CKernels

/// What a linear layer does to its input first.
///
/// The layer keeps the input itself and computes the result again on the way back: a pass over memory costs less than the
/// memory that keeping it would take.
package enum LinearPrologue {
    case none
    case activation(Activation)
    case layerNorm(LayerNormParameters)

    /// The input of the matrix product, and what normalisation has to remember.
    func apply(to x: Tensor) -> (hidden: Tensor, statistics: Tensor?) {
        switch self {
        case .none: return (x, nil)
        case .activation(let kind): return (Tensor.activation(x.detached, kind), nil)
        case .layerNorm(let parameters):
            let (result, statistics) = parameters.normalize(x)
            return (result, statistics)
        }
    }
}

/// The sum that a linear layer's result enters: y = tensor + f[n] · s[c] · result, for image n and channel c.
package struct LinearResidual {
    package let tensor: Tensor
    /// Layer scale (Touvron et al., Going deeper with Image Transformers, 2021), C numbers of any shape; nil stands for ones.
    package let scale: Parameter?
    /// A factor an image, as stochastic depth draws them; nil stands for ones.
    package let factors: [Float]?

    package init(_ tensor: Tensor, scale: Parameter? = nil, factors: [Float]? = nil) {
        self.tensor = tensor
        self.scale = scale
        self.factors = factors
    }

    /// What the matrix product's result has to be added to: the residual and the bias, where nothing scales the product.
    func start(_ result: Tensor, bias: Parameter?) {
        let width = result.shape[-1]
        eachImage(of: result) { _, start, rows in
            ty_add_row(tensor.floats + start, bias?.value.floats, result.floats + start, rows, width)
        }
    }

    var scalesProduct: Bool { scale != nil || factors != nil }

    /// Turns the product into the layer's result, in place.
    func finish(_ result: Tensor, bias: Parameter?) {
        let width = result.shape[-1]
        eachImage(of: result) { image, start, rows in
            ty_add_residual(
                tensor.floats + start, factors?[image] ?? 1, scale?.value.floats, bias?.value.floats, result.floats + start, rows, width)
        }
    }

    /// The gradient as the layer's product sees it, layer scale aside.
    func branch(_ gradient: Tensor) -> Tensor {
        guard let factors else { return gradient }
        let result = Tensor.uninitialized(gradient.shape), width = gradient.shape[-1]
        eachImage(of: gradient) { image, start, rows in
            ty_scale(gradient.floats + start, factors[image], result.floats + start, rows * width)
        }
        return result
    }

    /// Runs `body` on rows of one image each, in parallel.
    private func eachImage(of result: Tensor, _ body: (_ image: Int, _ start: Int, _ rows: Int) -> Void) {
        let images = factors?.count ?? 1, width = result.shape[-1]
        let rows = width == 0 || images == 0 ? 0 : result.count / (width * images)
        withExtendedLifetime((tensor.storage, result.storage)) {
            for image in 0..<images {
                parallelFor(rows, grain: max(1, (1 << 14) / max(1, width))) { range in
                    body(image, (image * rows + range.lowerBound) * width, range.count)
                }
            }
        }
    }
}
