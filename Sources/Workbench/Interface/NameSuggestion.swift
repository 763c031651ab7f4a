import Training

/// What a misspelt name was meant to be.
package enum NameSuggestion {
    /// The most similar of some names; nil when none is similar.
    package static func nearest(to name: String, among names: [String]) -> String? { NearestName.find(name, among: names) }
}
