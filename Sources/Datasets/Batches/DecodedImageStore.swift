import CZlib
import Foundation
import Synchronization

/// Decoded pictures in a folder, one file each, up to a number of bytes.
///
/// A file's entry depends on its path, its time of change, its size and the reduction, so a changed file is decoded again; a
/// damaged entry is removed and made again. Nothing that goes wrong here is more than a picture decoded once more.
package final class DecodedImageStore: Sendable {
    /// What a picture is kept under.
    package struct Key: Sendable, Hashable {
        let text: String
        /// Two 64-bit hashes of the text as a file name (Fowler, Noll, Vo: FNV-1a); the entry holds the text itself as well.
        var fileName: String {
            let hashes = [0xCBF2_9CE4_8422_2325, 0x6C62_272E_07BB_0142].map { (start: UInt64) in
                text.utf8.reduce(start) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
            }
            return hashes.map { String($0, radix: 16) }.joined(separator: "-") + Self.suffix
        }
        static let suffix = ".pixels"
    }

    private struct State {
        /// Bytes of each entry, and of all.
        var sizes: [String: Int]
        var bytes: Int
        /// Entries of earlier runs, the oldest last: what is removed when room is needed.
        var old: [String]
        /// Entries that this run has read or written.
        var used = Set<String>()

        mutating func forget(_ name: String) {
            bytes -= sizes.removeValue(forKey: name) ?? 0
            used.remove(name)
        }
    }

    private let folder: URL
    private let byteLimit: Int
    private let state: Mutex<State>

    /// Opens the folder, makes it where it is missing, and removes the oldest entries beyond the limit.
    package init(folder: URL, byteLimit: Int) throws {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        self.folder = folder
        self.byteLimit = byteLimit
        let properties: Set<URLResourceKey> = [.fileSizeKey, .contentModificationDateKey]
        let entries = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: Array(properties))
            .filter { $0.lastPathComponent.hasSuffix(Key.suffix) }
            .map { url in
                let values = try? url.resourceValues(forKeys: properties)
                return (
                    name: url.lastPathComponent, byteCount: values?.fileSize ?? 0, date: values?.contentModificationDate ?? .distantPast
                )
            }
            .sorted { ($0.date, $0.name) > ($1.date, $1.name) }
        state = Mutex(State(
            sizes: Dictionary(entries.map { ($0.name, $0.byteCount) }, uniquingKeysWith: { first, _ in first }),
            bytes: entries.reduce(0) { $0 + $1.byteCount }, old: entries.map(\.name)))
        state.withLock { makeRoom(for: 0, in: &$0) }
    }

    /// Bytes of all entries.
    package var byteCount: Int { state.withLock { $0.bytes } }

    /// The key of a file as it is now; nil when the file cannot be looked at.
    package func key(path: String, reduction: ImageReduction) -> Key? {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        let time = status.st_mtim
        return Key(text: "\(path)\n\(time.tv_sec).\(time.tv_nsec)\n\(status.st_size)\n\(reduction.key)")
    }

    /// The kept picture, or nil when there is none or its entry is damaged.
    package func image(_ key: Key) -> RGBImage? {
        let name = key.fileName, url = folder.appendingPathComponent(name)
        guard let data = try? Data(contentsOf: url) else { return nil }
        guard let image = Self.decode(data, key: key) else {
            remove(name)
            return nil
        }
        state.withLock { _ = $0.used.insert(name) }
        return image
    }

    /// Keeps a picture where there is room; a full folder loses entries of earlier runs that this one has not used.
    package func keep(_ image: RGBImage, under key: Key) {
        let data = Self.encode(image, key: key), name = key.fileName
        let isKept = state.withLock { state in
            makeRoom(for: data.count, in: &state)
            guard state.bytes + data.count <= byteLimit, state.used.insert(name).inserted else { return false }
            state.sizes[name] = data.count
            state.bytes += data.count
            return true
        }
        guard isKept else { return }
        do {
            try data.write(to: folder.appendingPathComponent(name), options: .atomic)
        } catch {
            remove(name)
        }
    }

    private func makeRoom(for byteCount: Int, in state: inout State) {
        while state.bytes + byteCount > byteLimit, let name = state.old.popLast() {
            guard !state.used.contains(name) else { continue }
            try? FileManager.default.removeItem(at: folder.appendingPathComponent(name))
            state.forget(name)
        }
    }

    private func remove(_ name: String) {
        try? FileManager.default.removeItem(at: folder.appendingPathComponent(name))
        state.withLock { $0.forget(name) }
    }

    // MARK: An entry: sign, key length, width, height, checksum of the rest as little-endian words, then key and pixels

    private static let sign: UInt32 = 0x3149_5954

    private static func encode(_ image: RGBImage, key: Key) -> Data {
        let text = Array(key.text.utf8)
        var data = Data(capacity: 20 + text.count + image.pixels.count)
        for word in [sign, UInt32(text.count), UInt32(image.width), UInt32(image.height), checksum(text, image.pixels)] {
            withUnsafeBytes(of: word.littleEndian) { data.append(contentsOf: $0) }
        }
        data.append(contentsOf: text)
        data.append(contentsOf: image.pixels)
        return data
    }

    private static func decode(_ data: Data, key: Key) -> RGBImage? {
        guard data.count >= 20 else { return nil }
        let words = data.withUnsafeBytes { bytes in
            (0..<5).map { UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: $0 * 4, as: UInt32.self)) }
        }
        let text = Array(key.text.utf8), width = Int(words[2]), height = Int(words[3])
        guard words[0] == sign, Int(words[1]) == text.count, width > 0, height > 0,
            width.multipliedReportingOverflow(by: height).partialValue <= ImageReader.maximumPixels,
            data.count == 20 + text.count + width * height * 3, data[20..<20 + text.count].elementsEqual(text)
        else { return nil }
        let pixels = [UInt8](data[(20 + text.count)...])
        guard checksum(text, pixels) == words[4] else { return nil }
        return RGBImage(width: width, height: height, pixels: pixels)
    }

    private static func checksum(_ text: [UInt8], _ pixels: [UInt8]) -> UInt32 {
        UInt32(truncatingIfNeeded: crc32_z(crc32_z(0, text, text.count), pixels, pixels.count))
    }
}
