import Foundation
import Synchronization
import TensorEngine

/// Decoded images of a run, reduced to the size it trains at and kept up to a byte limit, and the files that failed.
///
/// What is kept never changes what is returned, so batches stay a pure function of their place.
package final class ImageCache: Sendable {
    private struct State {
        var images: [String: RGBImage] = [:]
        var bytes = 0
        var failures: [String: ImageError] = [:]
    }
    private let state = Mutex(State())
    private let byteLimit: Int
    /// Longer sides are reduced to this many pixels; nil keeps the file's size.
    private let longestSide: Int?

    package init(longestSide: Int? = nil, byteLimit: Int = 512 << 20) {
        self.longestSide = longestSide
        self.byteLimit = byteLimit
    }

    /// Files that could not be decoded so far, by path: a run reports them and goes on without them.
    package var failures: [String: ImageError] { state.withLock { $0.failures } }

    /// The decoded image, or nil after recording why it cannot be had.
    package func image(_ path: String) -> RGBImage? {
        let known: (image: RGBImage?, failed: Bool) = state.withLock { ($0.images[path], $0.failures[path] != nil) }
        if known.image != nil || known.failed { return known.image }
        do {
            let image = reduced(try ImageReader.read(URL(fileURLWithPath: path)))
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

    private func reduced(_ image: RGBImage) -> RGBImage {
        let longest = max(image.width, image.height)
        guard let longestSide, longest > longestSide else { return image }
        let scale = Float(longestSide) / Float(longest)
        return ImageResampler.resize(
            image, width: max(1, Int((Float(image.width) * scale).rounded())), height: max(1, Int((Float(image.height) * scale).rounded())))
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
