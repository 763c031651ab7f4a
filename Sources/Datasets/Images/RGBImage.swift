import Foundation

/// An upright picture: 8-bit RGB, rows from the top, `pixels[(y * width + x) * 3 + channel]`.
package struct RGBImage: Sendable, Equatable {
    package let width: Int
    package let height: Int
    package var pixels: [UInt8]

    package init(width: Int, height: Int, pixels: [UInt8]) {
        precondition(pixels.count == width * height * 3, "an RGB image needs three bytes for each pixel")
        self.width = width
        self.height = height
        self.pixels = pixels
    }

    /// An image of one grey level.
    package init(width: Int, height: Int, filledWith level: UInt8) {
        self.init(width: width, height: height, pixels: [UInt8](repeating: level, count: width * height * 3))
    }
}

/// Why an image file could not be read or written.
package enum ImageError: Error, Equatable, LocalizedError, CustomStringConvertible {
    case missing(String)
    case unknownFormat(String)
    case truncated(String)
    case damaged(String, detail: String)
    case tooLarge(String, width: Int, height: Int)
    case cannotWrite(String, detail: String)

    package var description: String {
        switch self {
        case .missing(let path): "\(path) is missing or cannot be opened; restore the file or its permissions."
        case .unknownFormat(let path): "\(path) is not a JPEG, PNG or WebP image; convert it to one of them."
        case .truncated(let path): "\(path) ends before its image does; copy the file again from its source."
        case .damaged(let path, let detail): "\(path) is damaged (\(detail)); copy the file again from its source."
        case .tooLarge(let path, let width, let height):
            "\(path) says it is \(width)×\(height) pixels, which is beyond the limit of \(ImageReader.maximumPixels); make it smaller."
        case .cannotWrite(let path, let detail): "\(path) cannot be written (\(detail)); check the folder and the free space."
        }
    }

    package var errorDescription: String? { description }
}

/// What a file's header says, before decoding.
package struct ImageHeader: Sendable, Equatable {
    package enum Encoding: String, Sendable { case jpeg, png, webp }
    package let encoding: Encoding
    /// Size of the upright image.
    package let width: Int
    package let height: Int
    /// EXIF orientation 1…8; 1 when there is none.
    package let orientation: Int
    package let isGrey: Bool
    package let isSixteenBit: Bool
    package let isCMYK: Bool
}
