/// One mistake in a run's configuration, with what a person needs to mend it.
package struct ConfigurationIssue: Error, Sendable, Equatable, Codable, CustomStringConvertible {
    /// Where, as a JSON pointer: `/runform/optimizer/name`.
    package var path: String
    /// What stands there now.
    package var found: String
    /// What may stand there.
    package var allowed: [String]
    /// The allowed name that is most like the one found, if one is near.
    package var nearest: String?
    /// One sentence that says all of it.
    package var message: String

    package init(path: String, found: String, allowed: [String], nearest: String? = nil, message: String) {
        self.path = path
        self.found = found
        self.allowed = allowed
        self.nearest = nearest
        self.message = message
    }

    package var description: String { "\(path.isEmpty ? "/" : path): \(message)" }
}

/// Everything that is wrong with a configuration.
package struct ConfigurationError: Error, Sendable, Equatable, CustomStringConvertible {
    package var issues: [ConfigurationIssue]

    package var description: String {
        "the configuration has \(issues.count == 1 ? "one mistake" : "\(issues.count) mistakes"): "
            + issues.map(\.description).joined(separator: "; ")
    }
}

/// The most similar of some names.
package enum NearestName {
    /// The candidate within a third of the name's length in edits, letters' case apart; nil when none is.
    package static func find(_ name: String, among candidates: [String]) -> String? {
        let wanted = canonical(name)
        let best = candidates.map { (name: $0, distance: distance(wanted, canonical($0))) }.min { $0.distance < $1.distance }
        guard let best, best.distance <= max(2, wanted.count / 3) else { return nil }
        return best.name
    }

    /// Lower case without separators, so that `learningRate`, `learning_rate` and `learning-rate` are one name.
    private static func canonical(_ name: String) -> [Character] {
        Array(name.lowercased().filter { $0.isLetter || $0.isNumber })
    }

    /// Levenshtein's distance (1966).
    private static func distance(_ a: [Character], _ b: [Character]) -> Int {
        var row = Array(0...b.count)
        for (i, left) in a.enumerated() {
            var diagonal = row[0]
            row[0] = i + 1
            for (j, right) in b.enumerated() {
                let substitution = diagonal + (left == right ? 0 : 1)
                diagonal = row[j + 1]
                row[j + 1] = min(substitution, row[j] + 1, row[j + 1] + 1)
            }
        }
        return row[b.count]
    }
}
