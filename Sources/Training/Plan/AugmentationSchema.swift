import Datasets

/// How pictures are prepared, varied and cut.
extension PlanSchema {
    static let augmentation = SchemaRule.object([
        .optional("flip_horizontal", .number(0...1), "probability of mirroring left and right"),
        .optional("mosaic", .number(0...1), "probability of joining four images into one (detection)"),
        .optional("close_mosaic", .integer(0...100_000), "last epochs without mosaic (detection)"),
        .optional("translate", .number(0...1), "largest shift, as a share of the image's side (detection)"),
        .optional("scale", .number(0...0.95), "largest relative change of size (detection)"),
        .optional("hue", .number(0...1), "largest relative change of hue (detection)"),
        .optional("saturation", .number(0...1), "largest relative change of saturation (detection)"),
        .optional("value", .number(0...1), "largest relative change of brightness (detection)"),
        .optional("crop_minimum_area", .number(0.01...1),
            "random_resized_crop/scale with an upper end of 1, as earlier versions wrote it (classification)"),
        .optional("flip_vertical", .number(0...1), "probability of turning upside down (classification)"),
        .optional("random_resized_crop", .object([
            .optional("apply", .boolean, "cut a window of random area and aspect, and bring it to the input size"),
            .optional("scale", .tuple([.number(0.001...1), .number(0.001...1)]), "least and largest share of the area"),
            .optional("ratio", .tuple([.number(0.01...100), .number(0.01...100)]), "least and largest width over height"),
            .optional("alignment", .choice(CropAlignment.allCases.map(\.rawValue)),
                "pixels cuts whole pixels and rounds between steps, as torchvision does; continuous does neither"),
        ]), "random resized crop (classification)"),
        .optional("random_crop", .object([
            .optional("apply", .boolean, "cut a window of one size at a random place"),
            .optional("height", .integer(0...8192), "pixels; 0 is the input size"),
            .optional("width", .integer(0...8192), "pixels; 0 is the input size"),
            .optional("padding", .integer(0...1024), "black pixels added on each side before"),
        ]), "random crop (classification)"),
        .optional("rand_augment", .object([
            .optional("apply", .boolean, "apply operations drawn at random"),
            .optional("num_ops", .integer(0...14), "operations on each image, one after the other"),
            .optional("magnitude", .integer(AugmentationOperation.magnitudes), "strength"),
            .optional("disabled_ops", operations(AugmentationOperation.allCases), "operations that are never drawn"),
            .optional("invert", .boolean, "draw from Invert as well"),
        ]), "RandAugment (classification)"),
        .optional("colour", .object([
            .optional("apply", .boolean, "apply operations on colours drawn at random"),
            .optional("num_ops", .integer(0...9), "operations on each image, one after the other"),
            .optional("magnitude", .integer(AugmentationOperation.magnitudes), "strength"),
            .optional("disabled_ops", operations(AugmentationOperation.colour), "operations that are never drawn"),
        ]), "colour operations alone (classification)"),
        .optional("colour_jitter", .object([
            .optional("brightness", .number(0...10), "the factor is drawn from 1 − this to 1 + this"),
            .optional("contrast", .number(0...10), "the factor is drawn from 1 − this to 1 + this"),
            .optional("saturation", .number(0...10), "the factor is drawn from 1 − this to 1 + this"),
            .optional("hue", .number(0...0.5), "the turn is drawn from −this to this of the circle"),
        ]), "changes of brightness, contrast, saturation and hue in random order (classification)"),
        .optional("random_erasing", .object([
            .optional("probability", .number(0...1), "probability of overwriting a rectangle; 0 is off"),
            .optional("scale", .tuple([.number(0...1), .number(0...1)]), "least and largest share of the area"),
            .optional("ratio", .tuple([.number(0.01...100), .number(0.01...100)]), "least and largest height over width"),
            .optional("value", .number(-100...100), "what is written, after normalisation"),
            .optional("random", .boolean, "write noise instead"),
        ]), "random erasing (classification)"),
    ])

    static let preprocessing = SchemaRule.object([
        .optional("linear_stretch", .object([
            .optional("apply", .boolean, "stretch each channel between two of its percentiles"),
            .optional("lower_percentile", .number(0...100), "what becomes black"),
            .optional("upper_percentile", .number(0...100), "what becomes full"),
        ]), "linear stretch of the levels"),
        .optional("clahe", .object([
            .optional("apply", .boolean, "even out lightness tile by tile"),
            .optional("clip_limit", .number(0...1000), "how much a level may be over-represented in a tile; 0 is no limit"),
            .optional("tiles", .integer(1...64), "tiles along each side"),
        ]), "contrast-limited adaptive histogram equalisation"),
        .optional("normalize", .object([
            .optional("apply", .boolean, "bring the channels to zero mean and unit deviation"),
            .optional("mean", .tuple([.number(-10...10), .number(-10...10), .number(-10...10)]), "red, green, blue, of levels 0 to 1"),
            .optional("std", .tuple([.number(1e-6...10), .number(1e-6...10), .number(1e-6...10)]), "red, green, blue, of levels 0 to 1"),
        ]), "normalisation (classification)"),
    ])

    static let evaluation = SchemaRule.object([
        .optional("resize", .integer(0...8192),
            "the short side before the crop, in pixels; 0 is 8/7 of the input size, and for less than 64 pixels the input size"),
        .optional("centre_crop", .object([
            .optional("apply", .boolean, "cut the middle; otherwise the whole image is brought to the size"),
            .optional("height", .integer(0...4096), "pixels; 0 is the input size"),
            .optional("width", .integer(0...4096), "pixels; 0 is the input size"),
        ]), "centre crop", aliases: ["center_crop"]),
        .optional("alignment", .choice(CropAlignment.allCases.map(\.rawValue)), "as in augmentation/random_resized_crop"),
    ])

    private static func operations(_ operations: [AugmentationOperation]) -> SchemaRule {
        .array(of: .choice(operations.map(\.rawValue)), minimumCount: 0, maximumCount: .max)
    }
}
