import CImageCodecs
import Foundation

/// Image files to upright RGB: JPEG by turbojpeg, PNG by spng, WebP by libwebp, chosen by the file's first bytes.
///
/// Grey is repeated over the three channels, 16 bits are reduced to 8, CMYK is multiplied out (Adobe's inverted form),
/// palettes are looked up, and alpha is dropped, as `PIL.Image.convert("RGB")` does.
package enum ImageReader {
    /// Files that claim more pixels are refused: a few header bytes must not ask for gigabytes.
    package static let maximumPixels = 120_000_000

    /// Reads and decodes a whole file; JPEGs are decoded at a smaller scale where the reduction allows it.
    package static func read(_ url: URL, reduction: ImageReduction = .none) throws(ImageError) -> RGBImage {
        try decode(contents(of: url), name: url.path, reduction: reduction)
    }

    /// Decodes an image held in memory; `name` is used in errors.
    package static func decode(_ bytes: [UInt8], name: String, reduction: ImageReduction = .none) throws(ImageError) -> RGBImage {
        let header = try header(of: bytes, name: name)
        let stored =
            switch header.encoding {
            case .jpeg:
                try decodeJPEG(
                    bytes, name: name, minimumScale: reduction.minimumScale(width: header.width, height: header.height))
            case .png: try decodePNG(bytes, name: name)
            case .webp: try decodeWebP(bytes, name: name)
            }
        return Orientation.upright(stored, orientation: header.orientation)
    }

    /// Reads a file's header and checks that its end is there, without decoding it.
    package static func inspect(_ url: URL) throws(ImageError) -> ImageHeader {
        let bytes = try contents(of: url)
        let header = try header(of: bytes, name: url.path)
        if !hasEnd(bytes, encoding: header.encoding) { throw .truncated(url.path) }
        return header
    }

    private static func contents(of url: URL) throws(ImageError) -> [UInt8] {
        guard let data = try? Data(contentsOf: url) else { throw .missing(url.path) }
        if data.isEmpty { throw .truncated(url.path) }
        return [UInt8](data)
    }

    /// True when the encoding's closing bytes are where they belong: JPEG's EOI near the end, PNG's IEND, WebP's length.
    private static func hasEnd(_ bytes: [UInt8], encoding: ImageHeader.Encoding) -> Bool {
        switch encoding {
        case .jpeg:
            // Cameras pad after the marker, so it is looked for in the last 64 KiB.
            let start = max(2, bytes.count - 65536)
            guard bytes.count > start + 1 else { return false }
            return stride(from: bytes.count - 2, through: start, by: -1).contains { bytes[$0] == 0xFF && bytes[$0 + 1] == 0xD9 }
        case .png:
            let end: [UInt8] = [0x49, 0x45, 0x4E, 0x44, 0xAE, 0x42, 0x60, 0x82]
            let start = max(8, bytes.count - 65536)
            guard bytes.count >= start + end.count else { return false }
            return stride(from: bytes.count - end.count, through: start, by: -1).contains { bytes[$0..<$0 + end.count].elementsEqual(end) }
        case .webp:
            let length = Int(bytes[4]) | Int(bytes[5]) << 8 | Int(bytes[6]) << 16 | Int(bytes[7]) << 24
            return bytes.count >= length + 8
        }
    }

    static func header(of bytes: [UInt8], name: String) throws(ImageError) -> ImageHeader {
        let header: ImageHeader
        if bytes.starts(with: [0xFF, 0xD8, 0xFF]) {
            header = try jpegHeader(bytes, name: name)
        } else if bytes.starts(with: [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]) {
            header = try pngHeader(bytes, name: name)
        } else if bytes.count >= 12, bytes.starts(with: Array("RIFF".utf8)), bytes[8..<12].elementsEqual(Array("WEBP".utf8)) {
            header = try webpHeader(bytes, name: name)
        } else {
            throw .unknownFormat(name)
        }
        if header.width <= 0 || header.height <= 0 { throw .damaged(name, detail: "its size is zero") }
        if header.width.multipliedReportingOverflow(by: header.height).partialValue > maximumPixels {
            throw .tooLarge(name, width: header.width, height: header.height)
        }
        return header
    }

    // MARK: JPEG

    private static func jpegHeader(_ bytes: [UInt8], name: String) throws(ImageError) -> ImageHeader {
        guard let handle = tjInitDecompress() else { throw .damaged(name, detail: "no decoder") }
        defer { tjDestroy(handle) }
        var width: Int32 = 0
        var height: Int32 = 0
        var subsampling: Int32 = 0
        var colorspace: Int32 = 0
        if tjDecompressHeader3(handle, bytes, UInt(bytes.count), &width, &height, &subsampling, &colorspace) != 0 && width == 0 {
            throw .damaged(name, detail: String(cString: tjGetErrorStr2(handle)))
        }
        let orientation = Orientation.ofJPEG(bytes)
        let turned = orientation >= 5
        return ImageHeader(
            encoding: .jpeg, width: Int(turned ? height : width), height: Int(turned ? width : height), orientation: orientation,
            isGrey: colorspace == Int32(TJCS_GRAY.rawValue), isSixteenBit: false,
            isCMYK: colorspace == Int32(TJCS_CMYK.rawValue) || colorspace == Int32(TJCS_YCCK.rawValue))
    }

    /// The factors that the decoder has fast inverse transforms for, the smallest first.
    private static let scalingFactors = [1, 2, 4, 8].map { tjscalingfactor(num: $0, denom: 8) }

    private static func decodeJPEG(_ bytes: [UInt8], name: String, minimumScale: Double) throws(ImageError) -> RGBImage {
        guard let handle = tjInitDecompress() else { throw .damaged(name, detail: "no decoder") }
        defer { tjDestroy(handle) }
        var width: Int32 = 0
        var height: Int32 = 0
        var subsampling: Int32 = 0
        var colorspace: Int32 = 0
        if tjDecompressHeader3(handle, bytes, UInt(bytes.count), &width, &height, &subsampling, &colorspace) != 0 {
            throw .damaged(name, detail: String(cString: tjGetErrorStr2(handle)))
        }
        if let factor = scalingFactors.first(where: { Double($0.num) / Double($0.denom) >= minimumScale }) {
            width = (width * factor.num + factor.denom - 1) / factor.denom
            height = (height * factor.num + factor.denom - 1) / factor.denom
        }
        let isCMYK = colorspace == Int32(TJCS_CMYK.rawValue) || colorspace == Int32(TJCS_YCCK.rawValue)
        let channels = isCMYK ? 4 : 3
        let count = Int(width) * Int(height)
        let format = isCMYK ? Int32(TJPF_CMYK.rawValue) : Int32(TJPF_RGB.rawValue)
        var status: Int32 = 0
        var pixels = [UInt8](unsafeUninitializedCapacity: count * channels) { target, initialized in
            // The accurate inverse transform, so that the pixels are those the reference decoders give.
            status = tjDecompress2(
                handle, bytes, UInt(bytes.count), target.baseAddress, width, 0, height, format, TJFLAG_ACCURATEDCT)
            // A decoder that gives up leaves the rest unwritten; such pixels are thrown away below.
            initialized = count * channels
        }
        if status != 0 {
            let detail = String(cString: tjGetErrorStr2(handle))
            if detail.lowercased().contains("premature end") { throw .truncated(name) }
            // Warnings such as extraneous bytes leave a whole picture; only errors lose pixels.
            if tjGetErrorCode(handle) != Int32(TJERR_WARNING.rawValue) || detail.lowercased().contains("corrupt jpeg data: bad") {
                throw .damaged(name, detail: detail)
            }
        }
        if isCMYK { pixels = multipliedOut(cmyk: pixels, count: count) }
        return RGBImage(width: Int(width), height: Int(height), pixels: pixels)
    }

    /// Adobe's JPEGs store inverted inks, so that a channel is light: RGB is ink light times black's light.
    private static func multipliedOut(cmyk: [UInt8], count: Int) -> [UInt8] {
        var rgb = [UInt8](repeating: 0, count: count * 3)
        for index in 0..<count {
            let black = Int(cmyk[index * 4 + 3])
            for channel in 0..<3 { rgb[index * 3 + channel] = UInt8((Int(cmyk[index * 4 + channel]) * black + 127) / 255) }
        }
        return rgb
    }

    // MARK: PNG

    private static func pngHeader(_ bytes: [UInt8], name: String) throws(ImageError) -> ImageHeader {
        // Signature, then IHDR: length, type, width, height, depth, colour type.
        guard bytes.count >= 29, bytes[12..<16].elementsEqual(Array("IHDR".utf8)) else { throw .truncated(name) }
        func word(_ offset: Int) -> Int { (0..<4).reduce(0) { $0 << 8 | Int(bytes[offset + $1]) } }
        let colour = bytes[25]
        return ImageHeader(
            encoding: .png, width: word(16), height: word(20), orientation: 1, isGrey: colour == 0 || colour == 4,
            isSixteenBit: bytes[24] == 16, isCMYK: false)
    }

    private static func decodePNG(_ bytes: [UInt8], name: String) throws(ImageError) -> RGBImage {
        guard let context = spng_ctx_new(0) else { throw .damaged(name, detail: "no decoder") }
        defer { spng_ctx_free(context) }
        // The context keeps the pointer it is given, so everything happens while the bytes are pinned.
        let outcome: (status: Int32, header: spng_ihdr, pixels: [UInt8]) = bytes.withUnsafeBufferPointer { buffer in
            var header = spng_ihdr()
            var size = 0
            var status = spng_set_png_buffer(context, buffer.baseAddress, buffer.count)
            if status == 0 { status = spng_get_ihdr(context, &header) }
            let isGrey = header.color_type == 0 && header.bit_depth <= 8
            let format = Int32(isGrey ? SPNG_FMT_G8.rawValue : SPNG_FMT_RGB8.rawValue)
            if status == 0 { status = spng_decoded_image_size(context, format, &size) }
            if status != 0 { return (status, header, []) }
            var pixels = [UInt8](repeating: 0, count: size)
            status = spng_decode_image(context, &pixels, size, format, 0)
            if isGrey {
                pixels = [UInt8](unsafeUninitializedCapacity: size * 3) { target, initialized in
                    for (index, level) in pixels.enumerated() {
                        for channel in 0..<3 { target[index * 3 + channel] = level }
                    }
                    initialized = size * 3
                }
            }
            return (status, header, pixels)
        }
        if outcome.status != 0 {
            let detail = String(cString: spng_strerror(outcome.status))
            if outcome.status == SPNG_IO_EOF.rawValue || detail.contains("end of") { throw .truncated(name) }
            throw .damaged(name, detail: detail)
        }
        return RGBImage(width: Int(outcome.header.width), height: Int(outcome.header.height), pixels: outcome.pixels)
    }

    // MARK: WebP

    private static func webpHeader(_ bytes: [UInt8], name: String) throws(ImageError) -> ImageHeader {
        var width: Int32 = 0
        var height: Int32 = 0
        if WebPGetInfo(bytes, bytes.count, &width, &height) == 0 { throw .damaged(name, detail: "its header is not WebP's") }
        return ImageHeader(
            encoding: .webp, width: Int(width), height: Int(height), orientation: 1, isGrey: false, isSixteenBit: false, isCMYK: false)
    }

    private static func decodeWebP(_ bytes: [UInt8], name: String) throws(ImageError) -> RGBImage {
        if !hasEnd(bytes, encoding: .webp) { throw .truncated(name) }
        var width: Int32 = 0
        var height: Int32 = 0
        guard let decoded = WebPDecodeRGB(bytes, bytes.count, &width, &height) else {
            throw .damaged(name, detail: "its data cannot be decoded")
        }
        defer { WebPFree(decoded) }
        let pixels = [UInt8](UnsafeBufferPointer(start: decoded, count: Int(width) * Int(height) * 3))
        return RGBImage(width: Int(width), height: Int(height), pixels: pixels)
    }
}
