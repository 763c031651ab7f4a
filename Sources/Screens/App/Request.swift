import TerminalKit

/// What a screen asks of the app.
indirect enum Request: Equatable, Sendable {
    case effect(Effect)
    /// Work that takes seconds: its sentence is shown, and nothing like it is begun beside it.
    case work(Effect, String)
    /// Opens a screen over this one; `back` returns.
    case open(Screen)
    /// Opens a screen in this one's place.
    case replace(Screen)
    /// Goes back one screen.
    case back
    case ask(Question)
    case say(String)
    case warn(String)
    /// Asks the open screen to bring itself up to date.
    case refresh
}

/// A dialog, and what each of its actions asks for.
struct Question: Equatable, Sendable {
    var dialog: Dialog
    let outcomes: [[Request]]

    struct Action: Equatable, Sendable {
        let title: String
        let requests: [Request]

        init(_ title: String, _ requests: [Request]) {
            self.title = title
            self.requests = requests
        }

        init(_ title: String, _ request: Request) {
            self.init(title, [request])
        }
    }

    /// With `requiredName`, that name must be typed before an action is taken.
    init(_ title: String, _ text: String, actions: [Action], cancel: String = "Cancel", requiredName: String? = nil) {
        dialog = Dialog(title: title, text: text, actions: actions.map(\.title), cancel: cancel, requiredName: requiredName)
        outcomes = actions.map(\.requests)
    }
}

/// A line for what happened; it goes after some seconds.
struct Notice: Equatable, Sendable {
    let text: String
    let isProblem: Bool
    let until: Double
}

/// Work that is under way.
struct Work: Equatable, Sendable {
    let effect: Effect
    let text: String
}
