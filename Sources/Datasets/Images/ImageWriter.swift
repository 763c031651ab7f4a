import CImageCodecs
import Foundation

/// RGB pictures to files.
package enum ImageWriter {
    /// Writes an 8-bit RGB PNG, replacing the file as a whole. `quickly` packs it less tightly, in a quarter of the time.
    package static func writePNG(_ image: RGBImage, to url: URL, quickly: Bool = false) throws(ImageError) {
        guard let context = spng_ctx_new(Int32(SPNG_CTX_ENCODER.rawValue)) else {
            throw .cannotWrite(url.path, detail: "no encoder")
        }
        defer { spng_ctx_free(context) }
        var header = spng_ihdr()
        header.width = UInt32(image.width)
        header.height = UInt32(image.height)
        header.bit_depth = 8
        header.color_type = UInt8(SPNG_COLOR_TYPE_TRUECOLOR.rawValue)
        spng_set_option(context, SPNG_ENCODE_TO_BUFFER, 1)
        if quickly { spng_set_option(context, SPNG_IMG_COMPRESSION_LEVEL, 1) }
        spng_set_ihdr(context, &header)
        var status = spng_encode_image(
            context, image.pixels, image.pixels.count, Int32(SPNG_FMT_PNG.rawValue), Int32(SPNG_ENCODE_FINALIZE.rawValue))
        var size = 0
        guard status == 0, let encoded = spng_get_png_buffer(context, &size, &status) else {
            throw .cannotWrite(url.path, detail: String(cString: spng_strerror(status)))
        }
        defer { free(encoded) }
        try write(Data(bytes: encoded, count: size), to: url)
    }

    /// Writes a baseline JPEG without chroma subsampling.
    package static func writeJPEG(_ image: RGBImage, quality: Int = 92, to url: URL) throws(ImageError) {
        guard let handle = tjInitCompress() else { throw .cannotWrite(url.path, detail: "no encoder") }
        defer { tjDestroy(handle) }
        var encoded: UnsafeMutablePointer<UInt8>?
        var size: UInt = 0
        defer { tjFree(encoded) }
        let status = tjCompress2(
            handle, image.pixels, Int32(image.width), 0, Int32(image.height), Int32(TJPF_RGB.rawValue), &encoded, &size,
            Int32(TJSAMP_444.rawValue), Int32(quality), 0)
        guard status == 0, let encoded else { throw .cannotWrite(url.path, detail: String(cString: tjGetErrorStr2(handle))) }
        try write(Data(bytes: encoded, count: Int(size)), to: url)
    }

    private static func write(_ data: Data, to url: URL) throws(ImageError) {
        do { try data.write(to: url, options: .atomic) } catch {
            throw .cannotWrite(url.path, detail: error.localizedDescription)
        }
    }
}
