/// The extents of a tensor, outermost first, at most six, stored without an allocation.
///
/// Images are `[N, H, W, C]`, tokens `[N, L, C]`, convolution weights `[O, kH, kW, I/groups]`.
package struct Shape: Hashable, Sendable, ExpressibleByArrayLiteral, CustomStringConvertible {
    package static let maximumRank = 6
    private var extents = SIMD8<Int32>(repeating: 0)
    package let rank: Int

    package init(_ dimensions: some Collection<Int>) {
        precondition(dimensions.count <= Self.maximumRank, "a shape has at most \(Self.maximumRank) dimensions, got \(dimensions.count)")
        rank = dimensions.count
        for (index, dimension) in dimensions.enumerated() {
            precondition(dimension >= 0, "a dimension is not negative, got \(dimension)")
            extents[index] = Int32(dimension)
        }
    }

    package init(arrayLiteral elements: Int...) { self.init(elements) }

    /// The extent of dimension `index`; negative indices count from the last.
    package subscript(index: Int) -> Int {
        let position = index < 0 ? rank + index : index
        precondition(position >= 0 && position < rank, "dimension \(index) of a shape of rank \(rank)")
        return Int(extents[position])
    }

    /// The number of elements.
    package var count: Int {
        var product = 1
        for index in 0..<rank { product *= Int(extents[index]) }
        return product
    }

    package var dimensions: [Int] { (0..<rank).map { Int(extents[$0]) } }
    package var description: String { "[" + dimensions.map(String.init).joined(separator: ", ") + "]" }
}
