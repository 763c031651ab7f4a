import CKernels

/// A dense array of 32-bit floats: a shape over a storage, and its place on a tape if a gradient may flow to it.
///
/// Layout is row-major over `shape`; images are channels last.
package struct Tensor {
    package let shape: Shape
    package let storage: Storage
    /// Where the tape keeps this tensor's gradient; nil while evaluating.
    package let node: Tape.Node?

    /// A tensor over a storage that holds at least `shape.count` floats.
    package init(shape: Shape, storage: Storage, node: Tape.Node? = nil) {
        precondition(storage.byteCount >= shape.count * MemoryLayout<Float>.size, "storage too small for shape \(shape)")
        self.shape = shape
        self.storage = storage
        self.node = node
    }

    /// Memory that the caller fills entirely.
    package static func uninitialized(_ shape: Shape) -> Tensor {
        Tensor(shape: shape, storage: Storage(byteCount: shape.count * MemoryLayout<Float>.size))
    }

    /// Memory from outside the pool for a tensor of which perhaps only the shape is wanted.
    package static func untouched(_ shape: Shape) -> Tensor {
        Tensor(shape: shape, storage: Storage(untouched: shape.count * MemoryLayout<Float>.size))
    }

    package static func zeros(_ shape: Shape) -> Tensor { filled(shape, with: 0) }

    package static func filled(_ shape: Shape, with value: Float) -> Tensor {
        let tensor = uninitialized(shape)
        ty_fill(value, tensor.floats, tensor.count)
        return tensor
    }

    package init(_ values: [Float], shape: Shape) {
        precondition(values.count == shape.count, "\(values.count) values for shape \(shape)")
        self = .uninitialized(shape)
        values.withUnsafeBufferPointer { source in
            if let base = source.baseAddress { floats.update(from: base, count: source.count) }
        }
    }

    package var count: Int { shape.count }

    /// The elements; valid while the tensor is held, never to be stored.
    @inline(__always) package var floats: UnsafeMutablePointer<Float> { storage.floats }

    package var array: [Float] {
        withExtendedLifetime(storage) { Array(UnsafeBufferPointer(start: floats, count: count)) }
    }

    /// The only element.
    package var scalar: Float {
        precondition(count == 1, "a scalar has one element, shape is \(shape)")
        return withExtendedLifetime(storage) { floats[0] }
    }

    /// The same values without a place on the tape.
    package var detached: Tensor { Tensor(shape: shape, storage: storage) }

    /// A copy in its own storage, off the tape.
    package func copy() -> Tensor {
        let result = Tensor.uninitialized(shape)
        withExtendedLifetime(storage) {
            let from = floats, to = result.floats
            parallelFor(count, grain: 1 << 15) { range in
                (to + range.lowerBound).update(from: from + range.lowerBound, count: range.count)
            }
        }
        return result
    }

    /// Overwrites the values of `self` with those of `source`; for parameters and buffers between steps.
    package func assign(_ source: Tensor) {
        precondition(shape == source.shape, "assigning \(source.shape) to \(shape)")
        withExtendedLifetime((storage, source.storage)) { floats.update(from: source.floats, count: count) }
    }
}
