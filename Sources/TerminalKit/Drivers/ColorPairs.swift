import CNcurses

/// The pairs of colours that ncurses was given. There are as few as 64, so they are shared, and made anew when they run out.
struct ColorPairs {
    private struct Pair: Hashable {
        let foreground: Int32
        let background: Int32
    }

    /// Pair 0 is the terminal's own colours.
    private let limit: Int
    private var numbers: [Pair: Int32] = [:]
    private var framesSinceReset = 0
    private var hasRunOut = false

    /// For the terminal type that is open.
    init() {
        limit = Int(tigetnum("pairs")) - 1
    }

    /// True when making them anew helps: not for a single frame that needs more pairs than there are.
    var isFull: Bool { hasRunOut && framesSinceReset > 20 }

    mutating func reset() {
        reset_color_pairs()
        numbers = [:]
        framesSinceReset = 0
        hasRunOut = false
    }

    mutating func number(of style: Style, depth: ColorDepth) -> Int32 {
        let foreground = style.foreground.flatMap(depth.index(of:)).map { Int32($0) } ?? -1
        let background = style.background.flatMap(depth.index(of:)).map { Int32($0) } ?? -1
        guard foreground != -1 || background != -1 else { return 0 }
        let key = Pair(foreground: foreground, background: background)
        if let known = numbers[key] { return known }
        if numbers.count < limit {
            let pair = alloc_pair(foreground, background)
            if pair > 0 {
                numbers[key] = pair
                return pair
            }
        }
        hasRunOut = true
        // The ground matters more than the ink: any pair on the same one is nearer than none.
        return numbers.first { $0.key.background == background }?.value ?? 0
    }

    mutating func noteFrame() { framesSinceReset += 1 }
}
