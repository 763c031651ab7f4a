import TerminalKit

/// Whether an action works now.
enum Availability: Equatable, Sendable {
    case available
    /// One sentence that says why not.
    case unavailable(String)
    /// It works in another place only, which the sentence names.
    case elsewhere(String)

    /// Why the action does not work; nil where it does.
    var obstacle: String? {
        switch self {
        case .available: nil
        case .unavailable(let reason), .elsewhere(let reason): reason
        }
    }

    /// Available where nothing is given, else why not.
    init(unless reason: String?) {
        self = reason.map { .unavailable($0) } ?? .available
    }
}

/// The screens that the app is made of. To add one: its model here, its sections below, its actions in `AppAction`.
enum Screen: Equatable, Sendable {
    case runs(RunsModel)
    case blueprints(BlueprintsModel)
    case form(FormScreen)
    case run(RunPageModel)
    case themes(ThemesModel)
    case compare(CompareModel)

    enum Kind: CaseIterable, Equatable, Sendable {
        case runs, blueprints, form, run, themes, compare

        /// The sections that a screen's keys come from, the nearest first.
        var sections: [ActionSection] {
            switch self {
            case .runs: [.runs, .run, .list, .program]
            case .blueprints: [.blueprints, .list, .program]
            case .form: [.form, .program]
            case .run: [.runPage, .list, .charts, .run, .program]
            case .themes: [.themes, .list, .program]
            case .compare: [.compare, .charts, .list, .program]
            }
        }
    }

    var kind: Kind {
        switch self {
        case .runs: .runs
        case .blueprints: .blueprints
        case .form: .form
        case .run: .run
        case .themes: .themes
        case .compare: .compare
        }
    }

    var model: any ScreenModel {
        get {
            switch self {
            case .runs(let model): model
            case .blueprints(let model): model
            case .form(let model): model
            case .run(let model): model
            case .themes(let model): model
            case .compare(let model): model
            }
        }
        set { self = newValue.screen }
    }
}

/// One screen as a value. Everything it wants done outside it gives back as requests.
protocol ScreenModel: Equatable, Sendable {
    /// The model as a case of `Screen`.
    var screen: Screen { get }

    /// Takes a key into a text field or a picker that is open; nil where neither is, so that the key stands for an action.
    mutating func type(_ key: Key) -> [Request]?
    /// Takes a click on what the view has marked.
    mutating func click(_ hit: Hit) -> [Request]
    /// Takes the wheel, or a move with the left button held; nil lets the wheel be the arrow keys.
    mutating func point(_ action: MouseEvent.Action, at hit: Hit?) -> [Request]?
    /// Whether an action of this screen's sections works now. `back` is asked for too.
    func availability(of action: AppAction) -> Availability
    /// Carries out an action that is available.
    mutating func perform(_ action: AppAction) -> [Request]
    /// The keys worth a place in the bottom row, the most useful first.
    func footer(_ glyphs: Glyphs) -> [FooterItem]

    /// Seconds between two refreshes while the screen is open.
    var refreshInterval: Double { get }
    var isRefreshing: Bool { get }
    /// What to ask for to be up to date. Called at `refreshInterval`, when the screen opens, and after work is done.
    mutating func refresh() -> [Effect]
    /// Takes an answer; every screen that is open gets each one. Nil where it does not concern this screen.
    mutating func take(_ answer: Answer, to effect: Effect) -> [Request]?

    /// What is lost when the program is left now, as a sentence; nil when nothing is.
    var unsaved: String? { get }
    /// True where the screen itself tells what is being worked on.
    var showsWork: Bool { get }

    func draw(in buffer: inout CellBuffer, context: ViewContext)
}

extension ScreenModel {
    mutating func type(_ key: Key) -> [Request]? { nil }
    mutating func click(_ hit: Hit) -> [Request] { [] }
    mutating func point(_ action: MouseEvent.Action, at hit: Hit?) -> [Request]? { nil }
    var refreshInterval: Double { 1 }
    var isRefreshing: Bool { false }
    mutating func refresh() -> [Effect] { [] }
    mutating func take(_ answer: Answer, to effect: Effect) -> [Request]? { nil }
    var unsaved: String? { nil }
    var showsWork: Bool { false }
}
