/// EXIF orientation: finding it in a JPEG and turning the pixels upright (EXIF 2.3, tag 0x0112).
enum Orientation {
    /// The orientation 1…8 of a JPEG's Exif segment; 1 when there is none or it is unreadable.
    static func ofJPEG(_ bytes: [UInt8]) -> Int {
        var position = 2
        while position + 4 <= bytes.count, bytes[position] == 0xFF {
            let marker = bytes[position + 1]
            if marker == 0xFF { position += 1; continue }
            // Start of scan: the metadata is over.
            if marker == 0xDA { return 1 }
            let length = Int(bytes[position + 2]) << 8 | Int(bytes[position + 3])
            let start = position + 4
            let end = position + 2 + length
            if length < 2 || end > bytes.count { return 1 }
            if marker == 0xE1, end - start > 6, bytes[start..<start + 6].elementsEqual([0x45, 0x78, 0x69, 0x66, 0, 0]) {
                return ofTIFF(bytes[(start + 6)..<end])
            }
            position = end
        }
        return 1
    }

    private static func ofTIFF(_ tiff: ArraySlice<UInt8>) -> Int {
        let base = tiff.startIndex
        guard tiff.count >= 8 else { return 1 }
        let isLittleEndian = tiff[base] == 0x49
        func number(_ offset: Int, _ size: Int) -> Int? {
            guard offset >= 0, offset + size <= tiff.count else { return nil }
            return (0..<size).reduce(0) { $0 << 8 | Int(tiff[base + offset + (isLittleEndian ? size - 1 - $1 : $1)]) }
        }
        guard let directory = number(4, 4), let entries = number(directory, 2) else { return 1 }
        for entry in 0..<entries {
            let offset = directory + 2 + entry * 12
            guard let tag = number(offset, 2) else { return 1 }
            if tag == 0x0112, let value = number(offset + 8, 2), (1...8).contains(value) { return value }
        }
        return 1
    }

    /// The picture as it should be seen; orientation 1 returns it as it is.
    static func upright(_ image: RGBImage, orientation: Int) -> RGBImage {
        if orientation <= 1 || orientation > 8 { return image }
        let swaps = orientation >= 5
        let width = swaps ? image.height : image.width
        let height = swaps ? image.width : image.height
        var pixels = [UInt8](repeating: 0, count: image.pixels.count)
        for y in 0..<height {
            for x in 0..<width {
                let source: (x: Int, y: Int) =
                    switch orientation {
                    case 2: (image.width - 1 - x, y)
                    case 3: (image.width - 1 - x, image.height - 1 - y)
                    case 4: (x, image.height - 1 - y)
                    case 5: (y, x)
                    case 6: (y, image.height - 1 - x)
                    case 7: (image.width - 1 - y, image.height - 1 - x)
                    default: (image.width - 1 - y, x)
                    }
                let from = (source.y * image.width + source.x) * 3
                let to = (y * width + x) * 3
                for channel in 0..<3 { pixels[to + channel] = image.pixels[from + channel] }
            }
        }
        return RGBImage(width: width, height: height, pixels: pixels)
    }
}
