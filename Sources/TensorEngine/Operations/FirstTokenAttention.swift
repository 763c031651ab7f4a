import CKernels

extension Tensor {
    /// Multi-head scaled dot-product attention of each image's first token to all of its tokens (Vaswani et al.: Attention Is
    /// All You Need, 2017), with the normalisation and the packed projection before it: `[N, L, C]` → `[N, C]`, for a weight
    /// `[3C, C]` and a bias `[3C]` of queries, keys and values.
    ///
    /// One query a head needs no other token's key or value. With the normalised tokens x̂ of an image and, for each head,
    /// q = (x̂₀Wqᵀ + bq)/√d and t = q Wk, the probabilities are P = softmax(t x̂ᵀ), and with z = P x̂ the result is z Wvᵀ + bv:
    /// a product with all tokens is one of L × C × heads, not of L × C × 3C. The keys' bias adds the same to all logits of a head,
    /// so that nothing depends on it.
    ///
    /// ∂Wv = ∂yᵀz; ∂z = ∂y Wv; ∂S = P ⊙ (∂z x̂ᵀ − Σ P·∂z x̂ᵀ); ∂t = ∂S x̂; ∂Wk = qᵀ∂t; ∂q = ∂t Wkᵀ; ∂Wq = ∂qᵀx̂₀/√d;
    /// ∂x̂ = Pᵀ∂z + ∂Sᵀt, to which ∂q Wq/√d adds at the first token.
    package static func firstTokenAttention(
        _ x: Tensor, norm: LayerNormParameters, weight: Parameter, bias: Parameter, heads: Int
    ) -> Tensor {
        let width = x.shape.rank == 3 ? x.shape[2] : 0
        precondition(
            width > 0 && x.shape[1] > 0 && heads > 0 && width % heads == 0, "firstTokenAttention: \(x.shape) for \(heads) heads")
        precondition(
            weight.shape == [3 * width, width] && bias.shape == [3 * width],
            "firstTokenAttention: weight \(weight.shape) and bias \(bias.shape) for \(width) channels")
        let tape = x.node?.tape
        let products = FirstTokenProducts(tokens: x.shape, heads: heads, precision: tape?.products ?? .single)
        let projection = PackedProjection(weight: weight, bias: bias)
        let (hidden, statistics) = norm.normalize(x)
        let query = products.query(of: hidden, projection)
        let turned = products.expand(query, by: projection.weight(.key))
        let probabilities = products.softmax(products.score(turned, hidden))
        let mean = products.mix(probabilities, hidden)
        let result = products.contract(mean, by: projection.weight(.value), bias: projection.bias(.value))
        guard let tape else { return result }
        let output = tape.output(result)
        tape.record(FirstTokenAttentionStep(
            products: products, projection: projection, norm: norm, x: x.detached, statistics: statistics, query: query, turned: turned,
            probabilities: probabilities, mean: mean, input: x.node, output: output.node))
        return output
    }
}

/// The projections of queries, keys and values, one below the other.
private struct PackedProjection {
    enum Part: Int { case query, key, value }

    let weight, bias: Parameter
    private var width: Int { weight.shape[1] }

    func weight(_ part: Part) -> UnsafePointer<Float> { UnsafePointer(weight.value.floats + part.rawValue * width * width) }
    func bias(_ part: Part) -> UnsafePointer<Float> { UnsafePointer(bias.value.floats + part.rawValue * width) }
}

/// Products of one token's vectors with all tokens of its image: "narrow" ones `[N, C]` hold d numbers for each head, "wide"
/// ones `[N, heads, C]` as many as a token has, and scores `[N, heads, L]` one for each token.
private struct FirstTokenProducts {
    let images, length, width, heads: Int
    let precision: ProductPrecision
    var headWidth: Int { width / heads }
    var scale: Float { 1 / Float(headWidth).squareRoot() }

    init(tokens: Shape, heads: Int, precision: ProductPrecision) {
        (images, length, width) = (tokens[0], tokens[1], tokens[2])
        self.heads = heads
        self.precision = precision
    }

    /// The first tokens' queries, already divided by √d.
    func query(of hidden: Tensor, _ projection: PackedProjection) -> Tensor {
        let result = Tensor.uninitialized([images, width])
        withExtendedLifetime((hidden.storage, result.storage)) {
            precision.multiply(ty_product(
                rows: images, columns: width, inner: width, left: hidden.floats, left_row: length * width, left_step: 1,
                right: projection.weight(.query), right_row: 1, right_column: width, out: result.floats, out_row: width,
                bias: projection.bias(.query), adds: 0))
            ty_scale(result.floats, scale, result.floats, result.count)
        }
        return result
    }

    /// wide = narrow · weight, for each head with its rows of the weight `[C, C]`.
    func expand(_ narrow: Tensor, by weight: UnsafePointer<Float>) -> Tensor {
        let wide = Tensor.uninitialized([images, heads, width])
        withExtendedLifetime((narrow.storage, wide.storage)) {
            for head in 0..<heads {
                precision.multiply(ty_product(
                    rows: images, columns: width, inner: headWidth, left: narrow.floats + head * headWidth, left_row: width, left_step: 1,
                    right: weight + head * headWidth * width, right_row: width, right_column: 1, out: wide.floats + head * width,
                    out_row: heads * width, bias: nil, adds: 0))
            }
        }
        return wide
    }

    /// narrow = wide · weightᵀ (+ bias), for each head with its rows of the weight `[C, C]`.
    func contract(_ wide: Tensor, by weight: UnsafePointer<Float>, bias: UnsafePointer<Float>? = nil) -> Tensor {
        let narrow = Tensor.uninitialized([images, width])
        withExtendedLifetime((wide.storage, narrow.storage)) {
            for head in 0..<heads {
                let start = head * headWidth
                precision.multiply(ty_product(
                    rows: images, columns: headWidth, inner: width, left: wide.floats + head * width, left_row: heads * width, left_step: 1,
                    right: weight + start * width, right_row: 1, right_column: width, out: narrow.floats + start, out_row: width,
                    bias: bias.map { $0 + start }, adds: 0))
            }
        }
        return narrow
    }

    /// gradient = (gradient +) narrowᵀ · wide, for each head in its rows of the gradient `[C, C]`.
    func outer(_ narrow: Tensor, _ wide: Tensor, into gradient: UnsafeMutablePointer<Float>, adds: Bool) {
        withExtendedLifetime((narrow.storage, wide.storage)) {
            for head in 0..<heads {
                let start = head * headWidth
                precision.multiply(ty_product(
                    rows: headWidth, columns: width, inner: images, left: narrow.floats + start, left_row: 1, left_step: width,
                    right: wide.floats + head * width, right_row: heads * width, right_column: 1, out: gradient + start * width,
                    out_row: width, bias: nil, adds: adds ? 1 : 0))
            }
        }
    }

    /// scores = wide · hiddenᵀ, image by image.
    func score(_ wide: Tensor, _ hidden: Tensor) -> Tensor {
        let scores = Tensor.uninitialized([images, heads, length])
        withExtendedLifetime((wide.storage, hidden.storage, scores.storage)) {
            for image in 0..<images {
                precision.multiply(ty_product(
                    rows: heads, columns: length, inner: width, left: wide.floats + image * heads * width, left_row: width, left_step: 1,
                    right: hidden.floats + image * length * width, right_row: 1, right_column: width,
                    out: scores.floats + image * heads * length, out_row: length, bias: nil, adds: 0))
            }
        }
        return scores
    }

    /// wide = scores · hidden, image by image.
    func mix(_ scores: Tensor, _ hidden: Tensor) -> Tensor {
        let wide = Tensor.uninitialized([images, heads, width])
        withExtendedLifetime((scores.storage, hidden.storage, wide.storage)) {
            for image in 0..<images {
                precision.multiply(ty_product(
                    rows: heads, columns: width, inner: length, left: scores.floats + image * heads * length, left_row: length,
                    left_step: 1, right: hidden.floats + image * length * width, right_row: width, right_column: 1,
                    out: wide.floats + image * heads * width, out_row: width, bias: nil, adds: 0))
            }
        }
        return wide
    }

    /// hidden = (hidden +) scoresᵀ · wide, image by image.
    func spread(_ scores: Tensor, _ wide: Tensor, into hidden: Tensor, adds: Bool) {
        withExtendedLifetime((scores.storage, wide.storage, hidden.storage)) {
            for image in 0..<images {
                precision.multiply(ty_product(
                    rows: length, columns: width, inner: heads, left: scores.floats + image * heads * length, left_row: 1,
                    left_step: length, right: wide.floats + image * heads * width, right_row: width, right_column: 1,
                    out: hidden.floats + image * length * width, out_row: width, bias: nil, adds: adds ? 1 : 0))
            }
        }
    }

    /// Each row of scores as probabilities, in place.
    func softmax(_ scores: Tensor) -> Tensor {
        withExtendedLifetime(scores.storage) {
            for row in 0..<images * heads { ty_softmax(scores.floats + row * length, length) }
        }
        return scores
    }

    /// The scores' gradient, in place of the probabilities' one.
    func softmaxGradient(_ gradient: Tensor, probabilities: Tensor) -> Tensor {
        withExtendedLifetime((gradient.storage, probabilities.storage)) {
            for row in 0..<images * heads {
                ty_softmax_gradient(probabilities.floats + row * length, gradient.floats + row * length, length)
            }
        }
        return gradient
    }
}

private struct FirstTokenAttentionStep: GradientStep {
    let products: FirstTokenProducts
    let projection: PackedProjection
    let norm: LayerNormParameters
    let x, statistics, query, turned, probabilities, mean: Tensor
    let input, output: Tape.Node?
    let name = "firstTokenAttention"
    var saved: [Tensor] { [x, statistics, query, turned, probabilities, mean] }
    var parameters: [Parameter] { [projection.weight, projection.bias, norm.weight, norm.bias] }

    func backward(on tape: Tape) {
        guard let gradient = tape.takeGradient(of: output) else { return }
        let hidden = norm.normalize(x, statistics: statistics)
        let meanGradient = products.expand(gradient, by: projection.weight(.value))
        let slopes = products.softmaxGradient(products.score(meanGradient, hidden), probabilities: probabilities)
        let turnedGradient = products.mix(slopes, hidden)
        let queryGradient = products.contract(turnedGradient, by: projection.weight(.key))
        withExtendedLifetime(queryGradient.storage) {
            ty_scale(queryGradient.floats, products.scale, queryGradient.floats, queryGradient.count)
        }
        accumulateWeight(gradient, queryGradient: queryGradient, turnedGradient: turnedGradient, hidden: hidden)
        accumulateBias(gradient, queryGradient: queryGradient)
        // The normalised tokens are needed no more: their gradient takes their place.
        products.spread(probabilities, meanGradient, into: hidden, adds: false)
        products.spread(slopes, turned, into: hidden, adds: true)
        addQuery(queryGradient, to: hidden)
        norm.backward(x, statistics: statistics, gradient: hidden, on: tape, into: input)
    }

    private func accumulateWeight(_ gradient: Tensor, queryGradient: Tensor, turnedGradient: Tensor, hidden: Tensor) {
        let width = products.width, part = width * width
        projection.weight.accumulateGradient { target, isFirst in
            withExtendedLifetime((queryGradient.storage, hidden.storage, target.storage)) {
                products.precision.multiply(ty_product(
                    rows: width, columns: width, inner: products.images, left: queryGradient.floats, left_row: 1, left_step: width,
                    right: hidden.floats, right_row: products.length * width, right_column: 1, out: target.floats, out_row: width, bias: nil,
                    adds: isFirst ? 0 : 1))
                products.outer(query, turnedGradient, into: target.floats + part, adds: !isFirst)
                products.outer(gradient, mean, into: target.floats + 2 * part, adds: !isFirst)
            }
        }
    }

    private func accumulateBias(_ gradient: Tensor, queryGradient: Tensor) {
        let width = products.width, sums = Tensor.zeros([3 * width])
        withExtendedLifetime((gradient.storage, queryGradient.storage, sums.storage)) {
            ty_sum_rows(queryGradient.floats, sums.floats, products.images, width)
            ty_sum_rows(gradient.floats, sums.floats + 2 * width, products.images, width)
        }
        projection.bias.accumulateGradient(sums)
    }

    private func addQuery(_ queryGradient: Tensor, to hidden: Tensor) {
        let width = products.width
        withExtendedLifetime((queryGradient.storage, hidden.storage)) {
            products.precision.multiply(ty_product(
                rows: products.images, columns: width, inner: width, left: queryGradient.floats, left_row: width, left_step: 1,
                right: projection.weight(.query), right_row: width, right_column: 1, out: hidden.floats,
                out_row: products.length * width, bias: nil, adds: 1))
        }
    }
}
