import TerminalKit

/// A group of actions; a screen answers to some of them.
enum ActionSection: String, CaseIterable, Sendable {
    case program = "app"
    case list
    case runs
    case run
    case runPage = "page"
    case charts
    case themes
    case blueprints
    case form
    case compare

    /// As the help and the palette head the group.
    var title: String {
        switch self {
        case .program: "Trainyard"
        case .list: "Lists"
        case .runs: "Runs"
        case .run: "A run"
        case .runPage: "Run page"
        case .charts: "Charts"
        case .themes: "Themes"
        case .blueprints: "Blueprints"
        case .form: "Form"
        case .compare: "Compare"
        }
    }
}

/// What is fixed about an action.
struct ActionDetails: Equatable, Sendable {
    /// A few words, as the help shows them.
    let title: String
    /// A word or two for the bottom row.
    let short: String
    let keys: [Key]

    init(_ title: String, short: String? = nil, _ keys: Key...) {
        self.title = title
        self.short = short ?? title
        self.keys = keys
    }
}
