import COneDNN
import Synchronization

/// A convolution of one geometry in oneDNN: forward, gradient of the data, gradient of weights and bias.
///
/// Activations stay channels last. Weights are reordered to the library's own order on each run, because an optimiser
/// changes them between runs; the copy is small beside the products.
final class OneDNNConvolution {
    private let geometry: ConvolutionGeometry
    /// Set where narrow groups are joined: `geometry` is then that of the joined ones.
    private let joined: JoinedGroups?
    private let hasBias: Bool
    private let engine: dnnl_engine_t?
    private let stream: dnnl_stream_t?
    private let forwardDescription: dnnl_primitive_desc_t?
    private let forwardPrimitive: OneDNNPrimitive
    private let forwardReorder: OneDNNReorder?
    // The backward primitives are made when first used: evaluation needs none.
    private var dataGradient: (primitive: OneDNNPrimitive, reorder: OneDNNReorder?)?
    private var weightGradient: (primitive: OneDNNPrimitive, reorder: OneDNNReorder?, bytes: Int)?

    init(_ asked: ConvolutionGeometry, hasBias: Bool, engine: dnnl_engine_t?, stream: dnnl_stream_t?) {
        let joined = JoinedGroups(asked), geometry = joined?.geometry ?? asked
        self.joined = joined
        self.geometry = geometry
        self.hasBias = hasBias
        self.engine = engine
        self.stream = stream
        var operation = dnnl_convolution_desc_t()
        var source = geometry.imageMemory(geometry.inputShape), weights = OneDNN.free(geometry.weightDimensions)
        var bias = geometry.biasMemory, destination = geometry.imageMemory(geometry.outputShape)
        let strides = geometry.strideVector, dilations = geometry.dilationVector
        OneDNN.check(
            withUnsafePointer(to: &bias) { bias in
                dnnl_dilated_convolution_forward_desc_init(
                    &operation, dnnl_forward_training, dnnl_convolution_direct, &source, &weights, hasBias ? bias : nil,
                    &destination, strides, dilations, geometry.paddingBefore, geometry.paddingAfter)
            }, "a convolution \(geometry)")
        forwardDescription = Self.describe(&operation, hint: nil, engine: engine)
        let chosen = OneDNNPrimitive.query(forwardDescription, dnnl_query_weights_md)
        var inputs = [(DNNL_ARG_SRC, source), (DNNL_ARG_WEIGHTS, chosen), (DNNL_ARG_DST, destination)]
        if hasBias { inputs.append((DNNL_ARG_BIAS, bias)) }
        forwardPrimitive = OneDNNPrimitive(forwardDescription, inputs: inputs, engine: engine, stream: stream)
        forwardReorder = OneDNNReorder(from: geometry.weightMemory, to: chosen, engine: engine, stream: stream)
    }

    deinit { dnnl_primitive_desc_destroy(forwardDescription) }

    /// output = input * weight + bias
    func forward(input: Tensor, weight: Tensor, bias: Tensor?, output: Tensor) {
        let ordered = Self.reordered(joined?.widened(weight) ?? weight, by: forwardReorder)
        withExtendedLifetime((input.storage, ordered, bias?.storage, output.storage)) {
            forwardPrimitive.run(input.floats, ordered.floats, output.floats, bias?.floats)
        }
    }

    /// inputGradient = outputGradient * weightᵀ
    func backwardData(outputGradient: Tensor, weight: Tensor, inputGradient: Tensor) {
        let pass = dataGradient ?? makeDataGradient()
        dataGradient = pass
        let ordered = Self.reordered(joined?.widened(weight) ?? weight, by: pass.reorder)
        withExtendedLifetime((outputGradient.storage, ordered, inputGradient.storage)) {
            pass.primitive.run(outputGradient.floats, ordered.floats, inputGradient.floats)
        }
    }

    /// weightGradient = inputᵀ * outputGradient; biasGradient, when the convolution has a bias, its sum over pixels.
    func backwardWeights(input: Tensor, outputGradient: Tensor, weightGradient target: Tensor, biasGradient: Tensor?) {
        let pass = weightGradient ?? makeWeightGradient()
        weightGradient = pass
        let result = joined == nil ? target : Tensor.uninitialized(geometry.weightShape)
        // Blocked orders pad the channels, so the primitive then writes to scratch and the reorder drops the padding.
        let scratch = pass.reorder == nil ? result.storage : Storage(byteCount: pass.bytes)
        withExtendedLifetime((input.storage, outputGradient.storage, scratch, result.storage, biasGradient?.storage)) {
            pass.primitive.run(input.floats, outputGradient.floats, scratch.floats, biasGradient?.floats)
            pass.reorder?.run(from: scratch.floats, to: result.floats)
        }
        joined?.narrow(result, into: target)
    }

    private func makeDataGradient() -> (OneDNNPrimitive, OneDNNReorder?) {
        var operation = dnnl_convolution_desc_t()
        var source = geometry.imageMemory(geometry.inputShape), weights = OneDNN.free(geometry.weightDimensions)
        var destination = geometry.imageMemory(geometry.outputShape)
        OneDNN.check(
            dnnl_dilated_convolution_backward_data_desc_init(
                &operation, dnnl_convolution_direct, &source, &weights, &destination, geometry.strideVector,
                geometry.dilationVector, geometry.paddingBefore, geometry.paddingAfter),
            "a convolution's data gradient \(geometry)")
        let description = Self.describe(&operation, hint: forwardDescription, engine: engine)
        defer { dnnl_primitive_desc_destroy(description) }
        let chosen = OneDNNPrimitive.query(description, dnnl_query_weights_md)
        let primitive = OneDNNPrimitive(
            description, inputs: [(DNNL_ARG_DIFF_DST, destination), (DNNL_ARG_WEIGHTS, chosen), (DNNL_ARG_DIFF_SRC, source)],
            engine: engine, stream: stream)
        return (primitive, OneDNNReorder(from: geometry.weightMemory, to: chosen, engine: engine, stream: stream))
    }

    private func makeWeightGradient() -> (OneDNNPrimitive, OneDNNReorder?, Int) {
        var operation = dnnl_convolution_desc_t()
        var source = geometry.imageMemory(geometry.inputShape), weights = OneDNN.free(geometry.weightDimensions)
        var bias = geometry.biasMemory, destination = geometry.imageMemory(geometry.outputShape)
        OneDNN.check(
            withUnsafePointer(to: &bias) { bias in
                dnnl_dilated_convolution_backward_weights_desc_init(
                    &operation, dnnl_convolution_direct, &source, &weights, hasBias ? bias : nil, &destination,
                    geometry.strideVector, geometry.dilationVector, geometry.paddingBefore, geometry.paddingAfter)
            }, "a convolution's weight gradient \(geometry)")
        let description = Self.describe(&operation, hint: forwardDescription, engine: engine)
        defer { dnnl_primitive_desc_destroy(description) }
        var chosen = OneDNNPrimitive.query(description, dnnl_query_diff_weights_md)
        var inputs = [(DNNL_ARG_SRC, source), (DNNL_ARG_DIFF_DST, destination), (DNNL_ARG_DIFF_WEIGHTS, chosen)]
        if hasBias { inputs.append((DNNL_ARG_DIFF_BIAS, bias)) }
        let primitive = OneDNNPrimitive(description, inputs: inputs, engine: engine, stream: stream)
        let reorder = OneDNNReorder(from: chosen, to: geometry.weightMemory, engine: engine, stream: stream)
        return (primitive, reorder, dnnl_memory_desc_get_size(&chosen))
    }

    private static func reordered(_ weight: Tensor, by reorder: OneDNNReorder?) -> Storage {
        guard let reorder else { return weight.storage }
        let ordered = Storage(byteCount: reorder.destinationBytes)
        withExtendedLifetime(weight.storage) { reorder.run(from: weight.floats, to: ordered.floats) }
        return ordered
    }

    private static func describe(
        _ operation: inout dnnl_convolution_desc_t, hint: dnnl_primitive_desc_t?, engine: dnnl_engine_t?
    ) -> dnnl_primitive_desc_t? {
        var attributes: dnnl_primitive_attr_t?
        OneDNN.check(dnnl_primitive_attr_create(&attributes), "attributes")
        defer { dnnl_primitive_attr_destroy(attributes) }
        OneDNN.check(dnnl_primitive_attr_set_scratchpad_mode(attributes, dnnl_scratchpad_mode_user), "a scratch mode")
        var description: dnnl_primitive_desc_t?
        OneDNN.check(dnnl_primitive_desc_create(&description, &operation, attributes, engine, hint), "a convolution")
        return description
    }
}

/// The convolutions made so far, by geometry and thread count, for the life of the process.
///
/// One lock covers look-up and run: memory objects are shared by the runs of a geometry.
final class OneDNNConvolutionCache: Sendable {
    static let shared = OneDNNConvolutionCache()

    private struct Key: Hashable {
        let geometry: ConvolutionGeometry
        let hasBias: Bool
        // A primitive splits its work when it is made.
        let threads: Int
    }

    // Handles of the library are not Sendable; all use of them happens inside the lock.
    private struct State: @unchecked Sendable {
        var engine: dnnl_engine_t?
        var stream: dnnl_stream_t?
        var convolutions: [Key: OneDNNConvolution] = [:]
    }

    private let state = Mutex(State())

    func withConvolution(_ geometry: ConvolutionGeometry, hasBias: Bool, _ body: (OneDNNConvolution) -> Void) {
        state.withLock { state in
            if state.engine == nil {
                state.engine = OneDNN.makeEngine()
                state.stream = OneDNN.makeStream(state.engine)
            }
            let key = Key(geometry: geometry, hasBias: hasBias, threads: ThreadPool.threads)
            let convolution = state.convolutions[key]
                ?? OneDNNConvolution(geometry, hasBias: hasBias, engine: state.engine, stream: state.stream)
            state.convolutions[key] = convolution
            body(convolution)
        }
    }
}

/// How a geometry is told to oneDNN: logical order N, C, H, W and (G,) O, I, H, W; strides say what memory holds.
extension ConvolutionGeometry {
    fileprivate func imageMemory(_ shape: Shape) -> dnnl_memory_desc_t {
        let height = shape[1], width = shape[2], channels = shape[3]
        return OneDNN.strided(
            [shape[0], channels, height, width], strides: [height * width * channels, 1, width * channels, channels])
    }

    fileprivate var weightDimensions: [Int] {
        let plain = [outputChannels / groups, inputChannels / groups, kernelHeight, kernelWidth]
        return groups == 1 ? plain : [groups] + plain
    }

    fileprivate var weightMemory: dnnl_memory_desc_t {
        let channels = inputChannels / groups, filter = kernelHeight * kernelWidth * channels
        let plain = [filter, 1, kernelWidth * channels, channels]
        return OneDNN.strided(weightDimensions, strides: groups == 1 ? plain : [filter * (outputChannels / groups)] + plain)
    }

    fileprivate var biasMemory: dnnl_memory_desc_t { OneDNN.strided([outputChannels], strides: [1]) }
    fileprivate var strideVector: [dnnl_dim_t] { [dnnl_dim_t(stride), dnnl_dim_t(stride)] }
    fileprivate var dilationVector: [dnnl_dim_t] { [dnnl_dim_t(dilation - 1), dnnl_dim_t(dilation - 1)] }
    fileprivate var paddingBefore: [dnnl_dim_t] { [dnnl_dim_t(padding), dnnl_dim_t(sidePadding)] }

    /// What the last window really reaches; less than the padding, or negative, when the stride leaves pixels over.
    fileprivate var paddingAfter: [dnnl_dim_t] {
        [(height, kernelHeight, outputHeight, padding), (width, kernelWidth, outputWidth, sidePadding)].map {
            dnnl_dim_t(($2 - 1) * stride + dilation * ($1 - 1) + 1 - $0 - $3)
        }
    }
}
