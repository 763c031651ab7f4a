import CKernels

/// Convolution as matrix products: the windows of some output rows are gathered as the rows of a matrix, a few megabytes at a
/// time, so that they stay in the cache between the gathering and the product.
///
/// The way for strides, which leave fewer windows than pixels, and for images too small for Winograd's tiles. Scratch
/// memory comes from the storage pool. No sum's order depends on the number of threads.
struct PatchConvolution {
    /// Floats of the windows that are gathered at a time, at most, unless one row of windows takes more.
    private static let scratchFloats = 1 << 20
    private let geometry: ConvolutionGeometry
    private let precision: ProductPrecision
    private let shape: ty_patches

    init(_ geometry: ConvolutionGeometry, precision: ProductPrecision = .single) {
        self.geometry = geometry
        self.precision = precision
        shape = ty_patches(
            height: geometry.height, width: geometry.width, channels: geometry.inputChannels,
            output_height: geometry.outputHeight, output_width: geometry.outputWidth, kernel_height: geometry.kernelHeight,
            kernel_width: geometry.kernelWidth, stride: geometry.stride, padding: geometry.padding, side_padding: geometry.sidePadding)
    }

    private var patch: Int { geometry.kernelHeight * geometry.kernelWidth * geometry.inputChannels }

    func forward(input: Tensor, weight: Tensor, bias: Tensor?, output: Tensor) {
        withExtendedLifetime((input.storage, weight.storage, bias?.storage, output.storage)) {
            forEachChunk(of: chunks) { rows, patches in
                gather(rows, of: input, into: patches)
                products(rows).forward(
                    x: patches, weight: weight.floats, bias: bias?.floats, into: pixels(rows.lowerBound, of: output), adds: false)
            }
        }
    }

    func backwardData(outputGradient: Tensor, weight: Tensor, inputGradient: Tensor) {
        withExtendedLifetime((outputGradient.storage, weight.storage, inputGradient.storage)) {
            // From the last rows to the first: the rows of pixels that two chunks share belong to the later one, which
            // overwrites them before the earlier one adds.
            forEachChunk(of: chunks.reversed()) { rows, patches in
                products(rows).inputGradient(
                    outputGradient: pixels(rows.lowerBound, of: outputGradient), weight: weight.floats, into: patches, adds: false)
                scatter(patches, of: rows, into: inputGradient)
            }
        }
    }

    /// weightGradient = (weightGradient +) inputᵀ * outputGradient
    func backwardWeights(input: Tensor, outputGradient: Tensor, weightGradient: Tensor, adds: Bool) {
        withExtendedLifetime((input.storage, outputGradient.storage, weightGradient.storage)) {
            forEachChunk(of: chunks) { rows, patches in
                gather(rows, of: input, into: patches)
                products(rows).weightGradient(
                    x: patches, outputGradient: pixels(rows.lowerBound, of: outputGradient), into: weightGradient.floats,
                    adds: adds || rows.lowerBound > 0)
            }
        }
    }

    // MARK: Chunks

    /// Rows of output pixels, counted through all images, that are gathered together: whole images, or parts of one.
    private var chunks: [Range<Int>] {
        let height = geometry.outputHeight, all = geometry.batch * height
        let affordable = max(1, Self.scratchFloats / (geometry.outputWidth * patch))
        if affordable >= height {
            let step = affordable / height * height
            return stride(from: 0, to: all, by: step).map { $0..<min($0 + step, all) }
        }
        // Equal parts, so that none is left with a few rows.
        let parts = (height + affordable - 1) / affordable
        return (0..<geometry.batch).flatMap { image in
            (0..<parts).map { image * height + height * $0 / parts..<image * height + height * ($0 + 1) / parts }
        }
    }

    private func forEachChunk(of chunks: [Range<Int>], _ body: (Range<Int>, UnsafeMutablePointer<Float>) -> Void) {
        let most = chunks.map(\.count).max() ?? 0
        let patches = Storage(floatCount: most * geometry.outputWidth * patch)
        withExtendedLifetime(patches) {
            for rows in chunks { body(rows, patches.floats) }
        }
    }

    private func products(_ rows: Range<Int>) -> AffineProducts {
        AffineProducts(
            rows: rows.count * geometry.outputWidth, inputs: patch, outputs: geometry.outputChannels, precision: precision)
    }

    private func pixels(_ row: Int, of output: Tensor) -> UnsafeMutablePointer<Float> {
        output.floats + row * geometry.outputWidth * geometry.outputChannels
    }

    private func gather(_ rows: Range<Int>, of input: Tensor, into patches: UnsafeMutablePointer<Float>) {
        withUnsafePointer(to: shape) { shape in
            parallelFor(rows.count) { range in
                ty_patches_gather(
                    shape, input.floats, patches, rows.lowerBound, rows.lowerBound + range.lowerBound,
                    rows.lowerBound + range.upperBound)
            }
        }
    }

    private func scatter(_ patches: UnsafeMutablePointer<Float>, of rows: Range<Int>, into input: Tensor) {
        let first = firstPixelRow(of: rows.lowerBound), owned = firstPixelRow(of: rows.upperBound)
        // The last windows may reach into rows of pixels that belong to the next chunk of the same image.
        let lastRow = rows.upperBound - 1, image = lastRow / geometry.outputHeight
        let reached = lastRow % geometry.outputHeight * geometry.stride - geometry.padding + geometry.kernelHeight
        let end = max(owned, image * geometry.height + min(reached, geometry.height))
        withUnsafePointer(to: shape) { shape in
            parallelFor(end - first) { range in
                ty_patches_scatter(
                    shape, patches, input.floats, rows.lowerBound, rows.upperBound, owned, first + range.lowerBound,
                    first + range.upperBound)
            }
        }
    }

    /// The first row of pixels that belongs to an output row: the top of its window, or of its image.
    private func firstPixelRow(of row: Int) -> Int {
        let image = row / geometry.outputHeight, inside = row % geometry.outputHeight
        guard inside > 0 else { return image * geometry.height }
        return image * geometry.height + min(max(0, inside * geometry.stride - geometry.padding), geometry.height)
    }
}
