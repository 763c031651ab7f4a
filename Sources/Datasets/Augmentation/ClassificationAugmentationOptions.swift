/// How training pictures of classification are varied; the JSON object `augmentation` of a run.
///
/// The order is: random crop, random resized crop, flips, `rand_augment`, `colour`, `colour_jitter`, normalisation, random
/// erasing. Where neither crop applies, the picture is cut as evaluation cuts it.
package struct ClassificationAugmentationOptions: Codable, Sendable, Equatable {
    package var randAugment = RandAugment()
    package var randomCrop = RandomCrop()
    package var randomResizedCrop = RandomResizedCrop()
    /// Probability 0…1 of a left-right mirror image; digits and letters want 0.
    package var flipHorizontal = 0.5
    /// Probability 0…1 of an upside-down picture.
    package var flipVertical = 0.0
    package var colour = ColourOperations()
    package var colourJitter = ColourJitterAmounts()
    package var randomErasing = RandomErasing()

    enum CodingKeys: String, CodingKey {
        case colour
        case randAugment = "rand_augment", randomCrop = "random_crop", randomResizedCrop = "random_resized_crop"
        case flipHorizontal = "flip_horizontal", flipVertical = "flip_vertical", colourJitter = "colour_jitter"
        case randomErasing = "random_erasing"
    }

    package init() {}

    /// Quick Start's two settings: the least share of the area that a crop keeps (1 crops nothing), and the mirror's probability.
    package init(cropMinimumArea: Double, flipHorizontal: Double) {
        randomResizedCrop.scale = ValueRange(cropMinimumArea, 1)
        self.flipHorizontal = flipHorizontal
    }

    /// Pictures as evaluation sees them.
    package static let none: ClassificationAugmentationOptions = {
        var options = ClassificationAugmentationOptions()
        options.randomResizedCrop.apply = false
        options.flipHorizontal = 0
        return options
    }()
}

/// A number drawn evenly between two ends; in JSON an array of two.
package struct ValueRange: Codable, Sendable, Equatable {
    package var lower: Double
    package var upper: Double

    package init(_ lower: Double, _ upper: Double) {
        self.lower = lower
        self.upper = upper
    }

    package init(from decoder: any Decoder) throws {
        var list = try decoder.unkeyedContainer()
        self.init(try list.decode(Double.self), try list.decode(Double.self))
    }

    package func encode(to encoder: any Encoder) throws {
        var list = encoder.unkeyedContainer()
        try list.encode(lower)
        try list.encode(upper)
    }
}

/// A number of operations drawn evenly, with replacement, at one strength (Cubuk et al.: RandAugment, 2019).
package struct RandAugment: Codable, Sendable, Equatable {
    package var apply = false
    /// Operations applied to a picture one after the other, 0…14.
    package var operationCount = 2
    /// Strength 0…30; see `AugmentationOperation.measure`.
    package var magnitude = 9
    package var disabledOperations: [AugmentationOperation] = []
    /// Adds Invert to the fourteen operations.
    package var invert = false

    enum CodingKeys: String, CodingKey {
        case apply, magnitude, invert
        case operationCount = "num_ops", disabledOperations = "disabled_ops"
    }

    package init() {}

    var operations: [AugmentationOperation] {
        (AugmentationOperation.randAugment + (invert ? [.invert] : [])).filter { !disabledOperations.contains($0) }
    }
}

/// Colour operations alone, drawn as RandAugment draws: auto contrast, brightness, colour, contrast, equalize, posterize,
/// sharpness, solarize and invert.
package struct ColourOperations: Codable, Sendable, Equatable {
    package var apply = false
    /// Operations applied to a picture one after the other, 0…9.
    package var operationCount = 1
    /// Strength 0…30; see `AugmentationOperation.measure`.
    package var magnitude = 9
    package var disabledOperations: [AugmentationOperation] = []

    enum CodingKeys: String, CodingKey {
        case apply, magnitude
        case operationCount = "num_ops", disabledOperations = "disabled_ops"
    }

    package init() {}

    var operations: [AugmentationOperation] { AugmentationOperation.colour.filter { !disabledOperations.contains($0) } }
}

/// A window of fixed size at a random place of the padded picture, then brought to the network's input size.
package struct RandomCrop: Codable, Sendable, Equatable {
    package var apply = false
    /// Pixels of the picture; 0 stands for the input size. A picture that is too small is padded with black.
    package var height = 0
    package var width = 0
    /// Black pixels added on each side before the window is chosen, 0…1024.
    package var padding = 0

    package init() {}
}

/// A window of random area and aspect, brought to the input size (Szegedy et al.: Going deeper with convolutions, 2014).
package struct RandomResizedCrop: Codable, Sendable, Equatable {
    package var apply = true
    /// Share of the picture's area, above 0 and at most 1.
    package var scale = ValueRange(0.5, 1)
    /// Width over height of the window, above 0; drawn evenly in its logarithm.
    package var ratio = ValueRange(0.75, 4.0 / 3.0)
    package var alignment = CropAlignment.continuous

    package init() {}
}

/// How a crop treats its borders.
package enum CropAlignment: String, Codable, Sendable, CaseIterable {
    /// A crop in the middle may begin between pixels, and its border pixels take their neighbours outside into account.
    case continuous
    /// Crops consist of whole pixels and see nothing outside, with one rounding more: torchvision's way.
    case pixels
}

/// Random changes of brightness, contrast, saturation and hue in random order; 0 is off.
package struct ColourJitterAmounts: Codable, Sendable, Equatable {
    /// The factor is drawn from `1 - amount` (at least 0) to `1 + amount`.
    package var brightness = 0.0
    package var contrast = 0.0
    package var saturation = 0.0
    /// The turn of the hue is drawn from `-hue` to `hue` of the circle, 0…0.5.
    package var hue = 0.0

    package init() {}

    var isOff: Bool { brightness <= 0 && contrast <= 0 && saturation <= 0 && hue <= 0 }
}

/// A random rectangle of the normalised picture overwritten (Zhong et al.: Random Erasing Data Augmentation, 2017).
package struct RandomErasing: Codable, Sendable, Equatable {
    /// Probability 0…1; 0 is off.
    package var probability = 0.0
    /// Share of the picture's area, 0…1.
    package var scale = ValueRange(0.02, 0.33)
    /// Height over width, above 0; drawn evenly in its logarithm.
    package var ratio = ValueRange(0.3, 3.3)
    /// What is written, after normalisation: 0 is the mean colour.
    package var value = 0.0
    /// Writes standard normal noise instead of `value`.
    package var random = false

    package init() {}
}
