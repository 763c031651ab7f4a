/// Finds names by a few of their letters, in order: `rcp` finds "resume from the last checkpoint".
enum FuzzyMatch {
    /// How well a text fits what was typed: higher is better, nil is not at all. Every word of the query must be found.
    static func score(_ query: String, in text: String) -> Int? {
        let letters = Array(text.lowercased())
        var total = 0
        for word in query.lowercased().split(separator: " ") {
            guard let score = score(word: Array(word), in: letters) else { return nil }
            total += score
        }
        return total
    }

    private static func score(word: [Character], in text: [Character]) -> Int? {
        // Letters in one piece beat scattered ones; a piece that begins a word beats one within.
        var best: Int?
        for start in text.indices where text[start...].starts(with: word) {
            best = max(best ?? 0, 1000 + (isWordStart(start, in: text) ? 500 : 0) - start)
        }
        if let best { return best }
        var total = 0, next = 0, last = -1
        for letter in word {
            guard next < text.count else { return nil }
            // A letter that begins a word is taken before a nearer one that does not.
            let places = text.indices[next...].filter { text[$0] == letter }
            guard let nearest = places.first else { return nil }
            let place = nearest == last + 1 ? nearest : places.first { isWordStart($0, in: text) } ?? nearest
            total += place == last + 1 ? 8 : isWordStart(place, in: text) ? 6 : 1
            last = place
            next = place + 1
        }
        // Scattered within words is a chance, not a match.
        return total >= 4 * word.count ? total : nil
    }

    private static func isWordStart(_ index: Int, in text: [Character]) -> Bool {
        index == 0 || !(text[index - 1].isLetter || text[index - 1].isNumber)
    }
}
