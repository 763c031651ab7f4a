import Foundation
import Synchronization
import TensorEngine

/// Decoded and preprocessed images of a run, kept up to a byte limit, and the files that failed.
///
/// What is kept never changes what is returned, so batches stay a pure function of their place.
package final class ImageCache: Sendable {
    private struct State {
        var images: [String: RGBImage] = [:]
        var bytes = 0
        var failures: [String: ImageError] = [:]
    }
    /// Bytes of pictures that a run keeps in memory.
    package static let defaultByteLimit = 512 << 20

    private let state = Mutex(State())
    private let byteLimit: Int
    private let reduction: ImageReduction
    private let preprocessing: PreprocessingOptions?
    private let store: DecodedImageStore?

    /// - Parameters:
    ///   - reduction: how far files may be reduced when they are decoded.
    ///   - preprocessing: what is done to every whole picture.
    ///   - byteLimit: bytes of pictures kept in memory.
    ///   - store: decoded pictures on the disk, asked before a file is decoded.
    package init(
        reduction: ImageReduction = .none, preprocessing: PreprocessingOptions? = nil, byteLimit: Int = ImageCache.defaultByteLimit,
        store: DecodedImageStore? = nil
    ) {
        self.reduction = reduction
        self.preprocessing = preprocessing
        self.byteLimit = byteLimit
        self.store = store
    }

    /// Files that could not be decoded so far, by path: a run reports them and goes on without them.
    package var failures: [String: ImageError] { state.withLock { $0.failures } }

    /// The decoded image, or nil after recording why it cannot be had.
    package func image(_ path: String) -> RGBImage? {
        let known: (image: RGBImage?, failed: Bool) = state.withLock { ($0.images[path], $0.failures[path] != nil) }
        if known.image != nil || known.failed { return known.image }
        do {
            let decoded = try decoded(path)
            let image = preprocessing?.apply(to: decoded) ?? decoded
            state.withLock { state in
                if state.images[path] == nil, state.bytes + image.pixels.count <= byteLimit {
                    state.images[path] = image
                    state.bytes += image.pixels.count
                }
            }
            return image
        } catch {
            state.withLock { $0.failures[path] = error }
            return nil
        }
    }

    private func decoded(_ path: String) throws(ImageError) -> RGBImage {
        guard let store, let key = store.key(path: path, reduction: reduction) else {
            return reduction.reduced(try ImageReader.read(URL(fileURLWithPath: path), reduction: reduction))
        }
        if let kept = store.image(key) { return kept }
        let image = reduction.reduced(try ImageReader.read(URL(fileURLWithPath: path), reduction: reduction))
        store.keep(image, under: key)
        return image
    }
}

/// Why a batch could not be made.
package enum BatchError: Error, Equatable, LocalizedError, CustomStringConvertible {
    case noUsableImage(count: Int, first: String)

    package var description: String {
        switch self {
        case .noUsableImage(let count, let first):
            "None of the \(count) images can be read any more, the first is \(first); check that the dataset's folder is still there."
        }
    }

    package var errorDescription: String? { description }
}

/// The order of the items of an epoch.
struct EpochOrder {
    private let order: [Int]

    init(count: Int, seed: UInt64, epoch: Int) {
        var random = RandomSource(seed: seed, stream: 1, UInt64(epoch))
        order = Array(0..<count).shuffled(using: &random)
    }

    subscript(place: Int) -> Int { order[place % order.count] }

    /// The first readable item from a place on, so that a failing file is replaced in the same way every time.
    func readable(from place: Int, items: [DatasetItem], cache: ImageCache) throws(BatchError) -> (item: DatasetItem, image: RGBImage) {
        for offset in 0..<order.count {
            let item = items[self[place + offset]]
            if let image = cache.image(item.path) { return (item, image) }
        }
        throw .noUsableImage(count: items.count, first: items.first?.path ?? "")
    }
}
