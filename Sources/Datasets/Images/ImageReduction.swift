import Glibc

/// How far a picture may be reduced when it is decoded: by the strongest of the decoder's factors that keeps all these sides.
package struct ImageReduction: Sendable, Hashable {
    /// False keeps the file's size.
    package var isAllowed = true
    /// The short side keeps at least this many pixels, 0 asks for none.
    package var minimumShortSide = 0
    /// Width times height stays at least this, 0 asks for none.
    package var minimumArea = 0
    /// A longer long side is brought to exactly this, after decoding; nil leaves what decoding gives.
    package var longestSide: Int?

    package init(isAllowed: Bool = true, minimumShortSide: Int = 0, minimumArea: Int = 0, longestSide: Int? = nil) {
        self.isAllowed = isAllowed
        self.minimumShortSide = minimumShortSide
        self.minimumArea = minimumArea
        self.longestSide = longestSide
    }

    package static let none = ImageReduction(isAllowed: false)

    /// The least scale at which a picture of this size may be decoded, at most 1.
    func minimumScale(width: Int, height: Int) -> Double {
        guard isAllowed, width > 0, height > 0 else { return 1 }
        let ofShortSide = Double(minimumShortSide) / Double(min(width, height))
        let ofArea = (Double(minimumArea) / (Double(width) * Double(height))).squareRoot()
        let ofLongSide = Double(longestSide ?? 0) / Double(max(width, height))
        let scale = max(ofShortSide, ofArea, ofLongSide)
        return scale > 0 ? min(scale, 1) : 1
    }

    /// About how many bytes a decoded picture takes whose file has this size: decoders halve its sides up to three times.
    package func expectedBytes(width: Int, height: Int) -> Int {
        let least = minimumScale(width: width, height: height)
        var scale = 1.0
        while scale > 0.125, scale / 2 >= least { scale /= 2 }
        if let longestSide { scale = min(scale, Double(longestSide) / Double(max(width, height, 1))) }
        return Int(Double(width) * scale * Double(height) * scale) * 3
    }

    /// The decoded picture with its long side brought to its limit.
    func reduced(_ image: RGBImage) -> RGBImage {
        let longest = max(image.width, image.height)
        guard let longestSide, longest > longestSide else { return image }
        let scale = Float(longestSide) / Float(longest)
        func side(_ length: Int) -> Int { max(1, Int((Float(length) * scale).rounded())) }
        return ImageResampler.resize(image, width: side(image.width), height: side(image.height))
    }

    /// Tells apart pictures of one file that were reduced differently.
    var key: String { isAllowed ? "\(minimumShortSide)-\(minimumArea)-\(longestSide ?? 0)" : "whole" }
}
