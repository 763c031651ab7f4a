/// Something on a screen that can be clicked. The number is its place among its like, as the view's model counts them.
package enum Hit: Equatable, Hashable, Sendable {
    case row(Int), field(Int), tab(Int), button(Int)
    /// A panel, and the plot of its chart: at 0 the left edge, at 1 the right.
    case panel(Int)
    case plot(Int, share: Double)
    /// A hint of the bottom row.
    case hint(Int)
}

/// Where something can be clicked.
package struct HitRegion: Equatable, Sendable {
    package let rect: Rect
    package let hit: Hit
}

extension CellBuffer {
    /// What lies at a place; nil where nothing can be clicked.
    package func hit(x: Int, y: Int) -> Hit? {
        guard let region = hitRegions.last(where: { x >= $0.rect.x && x < $0.rect.right && y >= $0.rect.y && y < $0.rect.bottom }) else { return nil }
        guard case .plot(let panel, _) = region.hit else { return region.hit }
        return .plot(panel, share: Double(x - region.rect.x) / Double(max(1, region.rect.width - 1)))
    }
}
