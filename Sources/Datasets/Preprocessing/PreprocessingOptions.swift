/// What is done to every picture, in training and evaluation alike; the JSON object `preprocessing` of a run.
///
/// Stretch and CLAHE work on the whole picture, before any crop; normalisation comes last.
package struct PreprocessingOptions: Codable, Sendable, Equatable {
    package var linearStretch = LinearStretch()
    package var clahe = CLAHE()
    package var normalize = Normalization()

    enum CodingKeys: String, CodingKey {
        case clahe, normalize
        case linearStretch = "linear_stretch"
    }

    package init() {}

    /// The whole picture after stretch and CLAHE.
    func apply(to image: RGBImage) -> RGBImage { clahe.apply(to: linearStretch.apply(to: image)) }

    /// Changes no whole picture; normalisation is a crop's affair.
    var leavesPictures: Bool { !linearStretch.apply && !clahe.apply }
}

/// How pictures are cut for evaluation and prediction; the JSON object `evaluation` of a run.
package struct EvaluationOptions: Codable, Sendable, Equatable {
    /// The short side before the crop in pixels; 0 stands for the published 256 for 224, and for inputs of less than 64 pixels
    /// for the input size, as nothing of them can be spared. Never less than the crop needs.
    package var resize = 0
    package var centreCrop = CentreCrop()
    package var alignment = CropAlignment.continuous

    enum CodingKeys: String, CodingKey {
        case resize, alignment
        case centreCrop = "centre_crop"
    }

    package init() {}
}

/// The middle of a picture at the aspect of height and width.
package struct CentreCrop: Codable, Sendable, Equatable {
    /// Off, the whole picture is brought to the size, whatever its aspect.
    package var apply = true
    /// Size of evaluation's pictures in pixels; 0 stands for the network's input size.
    package var height = 0
    package var width = 0

    package init() {}
}

/// Mean and deviation of each channel, for levels 0…1.
package struct Normalization: Codable, Sendable, Equatable {
    /// Off, the network gets levels 0…1.
    package var apply = true
    /// Three numbers, red, green, blue.
    package var mean: [Double]
    /// Three numbers above 0.
    package var deviation: [Double]

    enum CodingKeys: String, CodingKey {
        case apply, mean
        case deviation = "std"
    }

    package init(mean: [Double] = [0.485, 0.456, 0.406], deviation: [Double] = [0.229, 0.224, 0.225]) {
        self.mean = mean
        self.deviation = deviation
    }

    /// The figures of ImageNet's training images.
    package static let imageNet = Normalization()

    /// `level * gain + offset` for levels 0…255; a channel without a usable deviation is only brought to 0…1.
    var factors: (gain: [Float], offset: [Float]) {
        var gain = [Float](repeating: 1 / 255, count: 3), offset = [Float](repeating: 0, count: 3)
        for channel in 0..<3 where apply && channel < min(mean.count, deviation.count) {
            let mean = Float(mean[channel]), deviation = Float(deviation[channel])
            guard deviation > 0, mean.isFinite else { continue }
            gain[channel] = 1 / (255 * deviation)
            offset[channel] = -mean / deviation
        }
        return (gain, offset)
    }
}
