import Datasets

/// The textured picture that `make_augmentation_goldens.py` computes as well.
enum TestPicture {
    static func make(width: Int, height: Int, low: Int, span: Int) -> RGBImage {
        var image = RGBImage(width: width, height: height, filledWith: 0)
        for y in 0..<height {
            for x in 0..<width {
                for channel in 0..<3 {
                    let slope = x * (5 + 3 * channel) + y * (9 - 2 * channel)
                    let texture = (x * 37 + y * 101 + channel * 59 + x * y * 7) % 64
                    image.pixels[(y * width + x) * 3 + channel] = UInt8(low + (slope * 3 + texture) % span)
                }
            }
        }
        return image
    }

    static let named = ["wide": make(width: 23, height: 17, low: 0, span: 256), "dull": make(width: 15, height: 19, low: 90, span: 70)]
}
