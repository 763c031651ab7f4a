/// Times of the same work on a machine that others use as well: they are repeated until two agree.
struct RepeatedTimes {
    /// Times that differ by less than this share of the smaller one agree.
    private static let tolerance = 0.08
    private static let most = 4

    private let ascending: [Double]

    init(_ times: [Double]) {
        ascending = times.sorted()
    }

    var wantMore: Bool {
        ascending.count < Self.most && !zip(ascending, ascending.dropFirst()).contains { $1 <= $0 * (1 + Self.tolerance) }
    }

    /// The median; 0 of nothing.
    var middle: Double {
        guard !ascending.isEmpty else { return 0 }
        return (ascending[(ascending.count - 1) / 2] + ascending[ascending.count / 2]) / 2
    }
}
