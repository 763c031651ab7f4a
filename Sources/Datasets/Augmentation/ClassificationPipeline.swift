import CKernels
import TensorEngine

/// Everything that happens to a picture between its file and the network: a pure function of the picture and of
/// (seed, epoch, position), so that a resumed run sees what an uninterrupted one would have seen.
package struct ClassificationPipeline: Codable, Sendable, Equatable {
    /// The network's input size in pixels.
    package var height: Int
    package var width: Int
    package var augmentation: ClassificationAugmentationOptions
    package var evaluation: EvaluationOptions
    package var preprocessing: PreprocessingOptions

    package init(
        height: Int, width: Int, augmentation: ClassificationAugmentationOptions = ClassificationAugmentationOptions(),
        evaluation: EvaluationOptions = EvaluationOptions(), preprocessing: PreprocessingOptions = PreprocessingOptions()
    ) {
        precondition(height > 0 && width > 0, "the input size must be positive, not \(height)×\(width)")
        self.height = height
        self.width = width
        self.augmentation = augmentation
        self.evaluation = evaluation
        self.preprocessing = preprocessing
    }

    /// Size of evaluation's pictures, which is the input size unless a centre crop of another size is asked for.
    package var evaluationHeight: Int { side(evaluation.centreCrop.height, default: height) }
    package var evaluationWidth: Int { side(evaluation.centreCrop.width, default: width) }

    private func side(_ asked: Int, default input: Int) -> Int { evaluation.centreCrop.apply && asked > 0 ? asked : input }

    /// How far a file may be reduced while it is decoded without a crop having to enlarge it.
    package var reduction: ImageReduction {
        var reduction = evaluationReduction(height: evaluationHeight, width: evaluationWidth)
        if augmentation.randomCrop.apply {
            reduction.isAllowed = false
        } else if augmentation.randomResizedCrop.apply {
            let side = Double(max(height, width))
            reduction.minimumArea = Int((side * side / min(max(augmentation.randomResizedCrop.scale.lower, 1e-3), 1)).rounded(.up))
        } else {
            let own = evaluationReduction(height: height, width: width)
            reduction.minimumShortSide = max(reduction.minimumShortSide, own.minimumShortSide)
        }
        return reduction
    }

    private func evaluationReduction(height: Int, width: Int) -> ImageReduction {
        ImageReduction(minimumShortSide: evaluation.centreCrop.apply ? max(shortSide(height, width), max(height, width)) : max(height, width))
    }

    // MARK: Training

    /// One training sample, `[height, width, 3]`, of a picture that `preprocessing` has been applied to.
    func writeTraining(_ picture: RGBImage, seed: UInt64, epoch: Int, position: Int, into target: UnsafeMutableBufferPointer<Float>) {
        // Each stage has a stream of its own: switching one on leaves the choices of the others as they were.
        func stream(_ number: UInt64) -> RandomSource { RandomSource(seed: seed, stream: number, UInt64(epoch), UInt64(position)) }
        var geometry = stream(3)
        var image = picture
        if augmentation.randomCrop.apply {
            var random = stream(4)
            image = augmentation.randomCrop.crop(image, inputHeight: height, inputWidth: width, random: &random)
        }
        if augmentation.randomResizedCrop.apply {
            let crop = augmentation.randomResizedCrop
            let window = crop.window(width: image.width, height: image.height, random: &geometry)
            write(image, window: window, alignment: crop.alignment, into: target)
        } else if augmentation.randomCrop.apply {
            write(image, window: PixelWindow(whole: image), alignment: .continuous, into: target)
        } else {
            writeMiddle(image, height: height, width: width, into: target)
        }
        if geometry.uniform() < Float(augmentation.flipHorizontal) {
            PixelRows.swapLeftAndRight(target, width: width, height: height)
        }
        if augmentation.flipVertical > 0 {
            var random = stream(5)
            if random.uniform() < Float(augmentation.flipVertical) { PixelRows.swapTopAndBottom(target, width: width, height: height) }
        }
        if changesColours {
            let varied = coloured(rounded(target), stream: stream)
            normalize(varied, into: target)
        } else {
            normalize(target)
        }
        var random = stream(9)
        augmentation.randomErasing.apply(to: target, width: width, height: height, random: &random)
    }

    private var changesColours: Bool {
        augmentation.randAugment.apply || augmentation.colour.apply || !augmentation.colourJitter.isOff
    }

    private func coloured(_ picture: RGBImage, stream: (UInt64) -> RandomSource) -> RGBImage {
        var image = picture
        if augmentation.randAugment.apply {
            var random = stream(6)
            image = AugmentationOperation.applyRandom(
                augmentation.randAugment.operations, count: augmentation.randAugment.operationCount,
                magnitude: augmentation.randAugment.magnitude, to: image, random: &random)
        }
        if augmentation.colour.apply {
            var random = stream(7)
            image = AugmentationOperation.applyRandom(
                augmentation.colour.operations, count: augmentation.colour.operationCount, magnitude: augmentation.colour.magnitude,
                to: image, random: &random)
        }
        var random = stream(8)
        return augmentation.colourJitter.apply(to: image, random: &random)
    }

    // MARK: Evaluation

    /// One evaluation sample, `[evaluationHeight, evaluationWidth, 3]`, of a picture that `preprocessing` has been applied to.
    func writeEvaluation(_ picture: RGBImage, into target: UnsafeMutableBufferPointer<Float>) {
        writeMiddle(picture, height: evaluationHeight, width: evaluationWidth, into: target)
        normalize(target)
    }

    /// One image file's picture as evaluation sees it, `[1, evaluationHeight, evaluationWidth, 3]`: what prediction feeds the network.
    package func prepared(_ picture: RGBImage) -> Tensor {
        let pixels = BatchPixels(count: 1, height: evaluationHeight, width: evaluationWidth)
        pixels.withImage(0) { writeEvaluation(preprocessing.apply(to: picture), into: $0) }
        return pixels.tensor(count: 1)
    }

    /// The short side that a centre crop of this size is taken at.
    private func shortSide(_ height: Int, _ width: Int) -> Int {
        let crop = min(height, width)
        if evaluation.resize > 0 { return evaluation.alignment == .pixels ? evaluation.resize : max(crop, evaluation.resize) }
        return crop < 64 ? crop : crop * 256 / 224
    }

    /// Levels 0…255 of the picture's middle.
    private func writeMiddle(_ image: RGBImage, height: Int, width: Int, into target: UnsafeMutableBufferPointer<Float>) {
        let whole = PixelWindow(whole: image)
        guard evaluation.centreCrop.apply else {
            return ImageResampler.crop(image, window: whole, toWidth: width, toHeight: height, into: target)
        }
        let short = shortSide(height, width)
        if evaluation.alignment == .pixels {
            let isWide = image.width >= image.height
            let long = max(image.width, image.height) * short / max(1, min(image.width, image.height))
            let reduced = ImageResampler.resize(image, width: isWide ? long : short, height: isWide ? short : long)
            return copy(reduced.centreCropped(width: width, height: height), into: target)
        }
        let side = min(whole.width, whole.height)
        var window = PixelWindow(x: 0, y: 0, width: side * Float(width) / Float(short), height: side * Float(height) / Float(short))
        // A crop of another aspect than the picture's can be too long for it; then it takes all there is.
        let fit = min(whole.width / window.width, whole.height / window.height)
        if fit < 1 {
            window.width *= fit
            window.height *= fit
        }
        window.x = (whole.width - window.width) / 2
        window.y = (whole.height - window.height) / 2
        ImageResampler.crop(image, window: window, toWidth: width, toHeight: height, into: target)
    }

    // MARK: Levels

    private func write(
        _ image: RGBImage, window: PixelWindow, alignment: CropAlignment, into target: UnsafeMutableBufferPointer<Float>
    ) {
        switch alignment {
        case .continuous: ImageResampler.crop(image, window: window, toWidth: width, toHeight: height, into: target)
        case .pixels:
            copy(ImageResampler.crop(image, window: window, toWidth: width, toHeight: height, seesBeyond: false), into: target)
        }
    }

    private func copy(_ image: RGBImage, into target: UnsafeMutableBufferPointer<Float>) {
        for (index, level) in image.pixels.enumerated() { target[index] = Float(level) }
    }

    private func rounded(_ levels: UnsafeMutableBufferPointer<Float>) -> RGBImage {
        RGBImage(width: width, height: height) { ty_image_round(levels.baseAddress, height * width * 3, $0) }
    }

    private func normalize(_ levels: UnsafeMutableBufferPointer<Float>) {
        let factors = preprocessing.normalize.factors
        ty_image_normalize_levels(levels.baseAddress, factors.gain, factors.offset, levels.count / 3, levels.baseAddress)
    }

    private func normalize(_ image: RGBImage, into target: UnsafeMutableBufferPointer<Float>) {
        let factors = preprocessing.normalize.factors
        ty_image_normalize_bytes(image.pixels, factors.gain, factors.offset, image.width * image.height, target.baseAddress)
    }
}
