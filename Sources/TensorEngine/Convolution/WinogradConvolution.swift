import CKernels

/// Convolution with 3×3 filters and stride 1 by Winograd's F(4×4, 3×3): a quarter of the direct products.
///
/// Forward and data gradient go through the image in blocks of tiles that stay in the cache; weights are transformed on
/// each run, because an optimiser changes them in between. Scratch memory comes from the storage pool. No sum's order
/// depends on the number of threads.
struct WinogradConvolution {
    private let geometry: ConvolutionGeometry

    /// Fewer transformed weights than this are kept whole; with more, and few tiles, they are made a panel at a time.
    private static let wholeWeights = 2 << 20
    private static let fewTiles = 256
    /// Floats that the sums of a weight gradient may take for each of its parts, and for all of them.
    private static let partSums = 300_000, allSums = 1 << 20
    private static let mostParts = 16, tilesPerPart = 24
    /// Tiles of one block of a weight gradient with many channels.
    private static let blockTiles = 256

    init(_ geometry: ConvolutionGeometry) {
        self.geometry = geometry
    }

    private var forwardShape: ty_winograd {
        ty_winograd(
            batch: geometry.batch, height: geometry.height, width: geometry.width, channels: geometry.inputChannels,
            output_height: geometry.outputHeight, output_width: geometry.outputWidth, outputs: geometry.outputChannels,
            padding: geometry.padding, turned: 0)
    }

    /// The data gradient is a convolution of the output's gradient with turned filters.
    private var dataGradientShape: ty_winograd {
        ty_winograd(
            batch: geometry.batch, height: geometry.outputHeight, width: geometry.outputWidth, channels: geometry.outputChannels,
            output_height: geometry.height, output_width: geometry.width, outputs: geometry.inputChannels,
            padding: 2 - geometry.padding, turned: 1)
    }

    func forward(input: Tensor, weight: Tensor, bias: Tensor?, output: Tensor) {
        convolve(forwardShape, input: input, weight: weight, bias: bias, output: output)
    }

    func backwardData(outputGradient: Tensor, weight: Tensor, inputGradient: Tensor) {
        convolve(dataGradientShape, input: outputGradient, weight: weight, bias: nil, output: inputGradient)
    }

    private func convolve(_ shape: ty_winograd, input: Tensor, weight: Tensor, bias: Tensor?, output: Tensor) {
        withUnsafePointer(to: shape) { shape in
            let sizes = ty_winograd_sizes(shape, 0)
            withExtendedLifetime((input.storage, weight.storage, bias?.storage, output.storage)) {
                if sizes.weights > Self.wholeWeights && sizes.tiles <= Self.fewTiles {
                    convolvePanels(shape, sizes, input, weight, bias, output)
                } else {
                    convolveTiles(shape, sizes, input, weight, bias, output)
                }
            }
        }
    }

    private func convolveTiles(
        _ shape: UnsafePointer<ty_winograd>, _ sizes: ty_winograd_sizes, _ input: Tensor, _ weight: Tensor, _ bias: Tensor?,
        _ output: Tensor
    ) {
        let weights = Storage(floatCount: sizes.weights)
        withExtendedLifetime(weights) {
            parallelFor(sizes.panels) { panels in
                ty_winograd_transform_weights(shape, weight.floats, weights.floats, panels.lowerBound, panels.upperBound)
            }
            parallelFor(sizes.tiles, scratch: sizes.scratch) { tiles, scratch in
                ty_winograd_convolve(
                    shape, input.floats, weights.floats, bias?.floats, output.floats, scratch, tiles.lowerBound, tiles.upperBound)
            }
        }
    }

    private func convolvePanels(
        _ shape: UnsafePointer<ty_winograd>, _ sizes: ty_winograd_sizes, _ input: Tensor, _ weight: Tensor, _ bias: Tensor?,
        _ output: Tensor
    ) {
        let transformed = Storage(floatCount: sizes.transformed)
        withExtendedLifetime(transformed) {
            parallelFor(sizes.tiles) { tiles in
                ty_winograd_transform_input(shape, input.floats, transformed.floats, tiles.lowerBound, tiles.upperBound)
            }
            parallelFor(sizes.panels, scratch: sizes.panel_scratch) { panels, scratch in
                ty_winograd_convolve_panels(
                    shape, transformed.floats, weight.floats, bias?.floats, output.floats, scratch, panels.lowerBound,
                    panels.upperBound)
            }
        }
    }

    /// weightGradient = (weightGradient +) inputᵀ * outputGradient
    func backwardWeights(input: Tensor, outputGradient: Tensor, weightGradient: Tensor, adds: Bool) {
        withUnsafePointer(to: forwardShape) { shape in
            let sizes = ty_winograd_sizes(shape, 0)
            withExtendedLifetime((input.storage, outputGradient.storage, weightGradient.storage)) {
                if sizes.sums <= Self.partSums {
                    sumParts(shape, sizes, input, outputGradient, weightGradient, adds)
                } else if sizes.tiles <= Self.blockTiles {
                    sumUnits(shape, input, outputGradient, weightGradient, adds)
                } else {
                    sumBlocks(shape, sizes, input, outputGradient, weightGradient, adds)
                }
            }
        }
    }

    /// Few channels: fixed shares of the tiles, each with sums of its own, so that the work stays in each thread's cache.
    private func sumParts(
        _ shape: UnsafePointer<ty_winograd>, _ sizes: ty_winograd_sizes, _ input: Tensor, _ outputGradient: Tensor,
        _ weightGradient: Tensor, _ adds: Bool
    ) {
        var parts = Self.mostParts
        while parts > 1 && (parts * sizes.sums > Self.allSums || sizes.tiles < parts * Self.tilesPerPart) { parts /= 2 }
        let sums = Storage(floatCount: parts * sizes.sums)
        withExtendedLifetime(sums) {
            parallelFor(parts, scratch: sizes.part_scratch) { range, scratch in
                for part in range {
                    ty_winograd_gradient_part(
                        shape, input.floats, outputGradient.floats, scratch, sums.floats + part * sizes.sums,
                        sizes.tiles * part / parts, sizes.tiles * (part + 1) / parts)
                }
            }
            finish(shape, sums, parts: parts, weightGradient, adds)
        }
    }

    /// Many channels and many tiles: blocks of tiles, whose products the threads share out by frequency.
    private func sumBlocks(
        _ shape: UnsafePointer<ty_winograd>, _ sizes: ty_winograd_sizes, _ input: Tensor, _ outputGradient: Tensor,
        _ weightGradient: Tensor, _ adds: Bool
    ) {
        let count = (sizes.tiles + Self.blockTiles - 1) / Self.blockTiles, block = (sizes.tiles + count - 1) / count
        let operands = Storage(floatCount: ty_winograd_sizes(shape, block).operands), sums = Storage(floatCount: sizes.sums)
        withExtendedLifetime((operands, sums)) {
            for start in stride(from: 0, to: sizes.tiles, by: block) {
                let tiles = min(block, sizes.tiles - start)
                parallelFor(tiles) { range in
                    ty_winograd_gradient_operands(
                        shape, input.floats, outputGradient.floats, operands.floats, block, start, range.lowerBound, range.upperBound)
                }
                parallelFor(sizes.items) { items in
                    ty_winograd_gradient_add(
                        shape, operands.floats, block, tiles, sums.floats, start > 0 ? 1 : 0, items.lowerBound, items.upperBound)
                }
            }
            finish(shape, sums, parts: 1, weightGradient, adds)
        }
    }

    private func finish(
        _ shape: UnsafePointer<ty_winograd>, _ sums: Storage, parts: Int, _ weightGradient: Tensor, _ adds: Bool
    ) {
        parallelFor(geometry.outputChannels) { outputs in
            ty_winograd_gradient_finish(
                shape, sums.floats, parts, weightGradient.floats, adds ? 1 : 0, outputs.lowerBound, outputs.upperBound)
        }
    }

    /// Many channels and few tiles: the sums would be large, so each small share of them becomes its gradient at once.
    private func sumUnits(
        _ shape: UnsafePointer<ty_winograd>, _ input: Tensor, _ outputGradient: Tensor, _ weightGradient: Tensor, _ adds: Bool
    ) {
        let tiles = ty_winograd_sizes(shape, 0).tiles, sizes = ty_winograd_sizes(shape, tiles)
        let operands = Storage(floatCount: sizes.operands)
        withExtendedLifetime(operands) {
            parallelFor(tiles) { range in
                ty_winograd_gradient_operands(
                    shape, input.floats, outputGradient.floats, operands.floats, tiles, 0, range.lowerBound, range.upperBound)
            }
            parallelFor(sizes.units, scratch: sizes.unit_scratch) { units, scratch in
                ty_winograd_gradient_units(
                    shape, operands.floats, tiles, scratch, weightGradient.floats, adds ? 1 : 0, units.lowerBound, units.upperBound)
            }
        }
    }
}
