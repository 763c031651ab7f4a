import TensorEngine

/// The pictures of a batch in the very memory that the engine computes on, `[count, height, width, 3]`.
///
/// Sendable because the loader that makes it writes all of it before it hands it over, and nobody writes it afterwards.
package struct BatchPixels: @unchecked Sendable {
    private let storage: Storage
    /// Pictures there is room for; a batch with unreadable files uses fewer.
    package let capacity: Int
    package let height: Int
    package let width: Int

    init(count: Int, height: Int, width: Int) {
        storage = Storage(byteCount: max(1, count * height * width * 3) * MemoryLayout<Float>.size)
        capacity = count
        self.height = height
        self.width = width
    }

    /// The first `count` pictures as a tensor over the same memory.
    package func tensor(count: Int) -> Tensor {
        precondition(count <= capacity, "\(count) pictures of \(capacity)")
        return Tensor(shape: [count, height, width, 3], storage: storage)
    }

    /// The levels of one picture, `[height, width, 3]`, for its maker to write.
    func withImage<Result>(_ index: Int, _ body: (UnsafeMutableBufferPointer<Float>) throws -> Result) rethrows -> Result {
        precondition(index < capacity, "picture \(index) of \(capacity)")
        let length = height * width * 3
        return try withExtendedLifetime(storage) {
            try body(UnsafeMutableBufferPointer(start: storage.floats + index * length, count: length))
        }
    }

    /// The levels of the first pictures, for their maker to write.
    func withImages<Result>(count: Int, _ body: (UnsafeMutableBufferPointer<Float>) throws -> Result) rethrows -> Result {
        try withExtendedLifetime(storage) {
            try body(UnsafeMutableBufferPointer(start: storage.floats, count: count * height * width * 3))
        }
    }
}
