import Foundation

/// kitty's way to show pictures: bytes in base 64, in pieces, with the cells that they fill.
enum KittyGraphics {
    static let deleteAll = "\u{1B}_Ga=d,d=A,q=2\u{1B}\\"

    /// Below cells that have a ground of their own, so that labels cover the picture.
    private static let depthBelowLabels = -1_073_741_825
    /// The protocol's longest piece.
    private static let pieceLength = 4096

    static func show(_ placed: PlacedPicture) -> String {
        let text = Data(placed.picture.bytes).base64EncodedString()
        var result = ""
        var rest = text.utf8[...]
        var isFirst = true
        while isFirst || !rest.isEmpty {
            let piece = rest.prefix(pieceLength)
            rest = rest.dropFirst(pieceLength)
            let more = rest.isEmpty ? 0 : 1
            let keys = isFirst
                ? "a=T,f=24,s=\(placed.picture.width),v=\(placed.picture.height),c=\(placed.rect.width),r=\(placed.rect.height),"
                    + "z=\(depthBelowLabels),C=1,q=2,m=\(more)"
                : "m=\(more)"
            result += "\u{1B}_G\(keys);" + String(decoding: piece, as: UTF8.self) + "\u{1B}\\"
            isFirst = false
        }
        return result
    }
}
