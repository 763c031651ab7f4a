/// Finds each role of a theme a place in a palette, keeping what is read legible and lines apart.
struct ThemeQuantizer {
    let theme: Theme
    let depth: ColorDepth

    func quantized() -> [ThemeRole: TerminalColor] {
        var result: [ThemeRole: TerminalColor] = [:]
        result[.background] = entry(.background, on: nil)
        let ground = result[.background].map(ColorDepth.rgb)
        result[.selectionBackground] = entry(.selectionBackground, on: ground)
        result[.selectionText] = entry(.selectionText, on: result[.selectionBackground].map(ColorDepth.rgb))
        var taken = Set<Int>()
        for role in ThemeRole.allCases where result[role] == nil {
            let isSeries = ThemeRole.series.contains(role)
            let color = entry(role, on: ground, avoiding: isSeries ? taken : [])
            result[role] = color
            if isSeries, case .palette(let index)? = color { taken.insert(Int(index)) }
        }
        return result
    }

    private func entry(_ role: ThemeRole, on ground: RGBColor?, avoiding taken: Set<Int> = []) -> TerminalColor? {
        guard let color = theme.colors[role] else { return nil }
        // The terminal's own sixteen are the user's choice, also in their contrast.
        if case .palette = color { return depth.index(of: color).map { .palette(UInt8($0)) } }
        let wanted = PerceivedColor(ColorDepth.rgb(color))
        let all = Array(depth.indices)
        func contrast(_ index: Int) -> Double { ground.map { PerceivedColor.contrast(ColorDepth.palette[index], $0) } ?? 21 }
        let visible = all.filter { contrast($0) >= role.leastContrast }
        let free = visible.filter { !taken.contains($0) }
        let candidates = free.isEmpty ? visible : free
        let best = candidates.min { cost($0, wanted) < cost($1, wanted) } ?? all.max { contrast($0) < contrast($1) }
        return best.map { .palette(UInt8($0)) }
    }

    /// How wrong an entry looks. A grey that turns colourful is worse than one that turns lighter.
    private func cost(_ index: Int, _ wanted: PerceivedColor) -> Double {
        let candidate = ColorDepth.perceivedPalette[index]
        let distance = wanted.distance(to: candidate)
        return wanted.chroma < 0.05 ? distance + 2 * max(0, candidate.chroma - 0.05) : distance
    }
}
