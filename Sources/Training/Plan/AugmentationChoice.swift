import Datasets

/// How training images are varied; probabilities and relative amounts, 0 is off. Detection and classification each read their own.
package struct AugmentationChoice: Codable, Sendable, Equatable {
    /// Probability of joining four images into one (detection).
    package var mosaic = 0.0
    /// The number of last epochs without mosaic (detection).
    package var closeMosaic = 0
    /// Largest shift, as a share of the image's side (detection).
    package var translate = 0.0
    /// Largest relative change of size (detection).
    package var scale = 0.0
    /// Relative changes of hue, saturation and value (detection).
    package var hue = 0.0
    package var saturation = 0.0
    package var value = 0.0
    /// What classification does; its mirror's probability is detection's as well.
    package var pictures = ClassificationAugmentationOptions()

    /// Probability of mirroring left and right.
    package var flipHorizontal: Double {
        get { pictures.flipHorizontal }
        set { pictures.flipHorizontal = newValue }
    }

    /// The smallest share of an image's area that a random crop keeps (classification).
    package var cropMinimumArea: Double {
        get { pictures.randomResizedCrop.scale.lower }
        set { pictures.randomResizedCrop.scale.lower = newValue }
    }

    private enum CodingKeys: String, CodingKey {
        case mosaic, translate, scale, hue, saturation, value
        case closeMosaic = "close_mosaic"
    }

    private init(pictures: ClassificationAugmentationOptions) { self.pictures = pictures }

    package init(from decoder: any Decoder) throws {
        let keys = try decoder.container(keyedBy: CodingKeys.self)
        mosaic = try keys.decode(Double.self, forKey: .mosaic)
        closeMosaic = try keys.decode(Int.self, forKey: .closeMosaic)
        translate = try keys.decode(Double.self, forKey: .translate)
        scale = try keys.decode(Double.self, forKey: .scale)
        hue = try keys.decode(Double.self, forKey: .hue)
        saturation = try keys.decode(Double.self, forKey: .saturation)
        value = try keys.decode(Double.self, forKey: .value)
        pictures = try ClassificationAugmentationOptions(from: decoder)
    }

    package func encode(to encoder: any Encoder) throws {
        var keys = encoder.container(keyedBy: CodingKeys.self)
        try keys.encode(mosaic, forKey: .mosaic)
        try keys.encode(closeMosaic, forKey: .closeMosaic)
        try keys.encode(translate, forKey: .translate)
        try keys.encode(scale, forKey: .scale)
        try keys.encode(hue, forKey: .hue)
        try keys.encode(saturation, forKey: .saturation)
        try keys.encode(value, forKey: .value)
        try pictures.encode(to: encoder)
    }

    package static let detection: AugmentationChoice = {
        var choice = AugmentationChoice(pictures: .none)
        choice.mosaic = 1
        choice.closeMosaic = 10
        choice.translate = 0.1
        choice.scale = 0.5
        choice.hue = 0.015
        choice.saturation = 0.7
        choice.value = 0.4
        choice.flipHorizontal = 0.5
        return choice
    }()

    package static let classification = AugmentationChoice(
        pictures: ClassificationAugmentationOptions(cropMinimumArea: 0.5, flipHorizontal: 0.5))
}
