import TerminalKit
import Workbench

/// What happens to the app: keys, time, and answers of the workbench.
enum Message: Equatable, Sendable {
    case key(Key)
    /// The mouse, and what lies under it.
    case mouse(MouseEvent.Action, Hit?)
    /// An action that was asked for without its key.
    case action(AppAction)
    /// A screen that the session made ready.
    case open(Screen)
    /// Seconds since 1970.
    case tick(Double)
    /// A file in the user's theme folder changed.
    case themesChanged
    case answer(Answer, to: Effect)
}

/// What the app asks for, a group per screen. The session carries it out, off the screen's thread, and answers.
enum Effect: Equatable, Sendable {
    case program(ProgramEffect)
    case session(SessionEffect)
    case runs(RunsEffect)
    case run(RunEffect)
    case runPage(RunPageEffect)
    case runTab(RunTabEffect)
    case themes(ThemesEffect)
    case form(FormEffect)
    case export(ExportEffect)
    case compare(CompareEffect)

    /// What the workbench is asked; nil for what concerns the program and its terminal.
    var service: (any ServiceEffect)? {
        switch self {
        case .program: nil
        case .session(let effect): effect
        case .runs(let effect): effect
        case .run(let effect): effect
        case .runPage(let effect): effect
        case .runTab(let effect): effect
        case .themes(let effect): effect
        case .form(let effect): effect
        case .export(let effect): effect
        case .compare(let effect): effect
        }
    }
}

/// What the workbench answers, a group per screen that asks.
enum Answer: Equatable, Sendable {
    case session(SessionAnswer)
    case runs(RunsAnswer)
    case runPage(RunPageAnswer)
    case runTab(RunTabAnswer)
    case themes(ThemesAnswer)
    case form(FormAnswer)
    case compare(CompareAnswer)
    /// Work that needs no more than a sentence is done.
    case done(String)
    /// A sentence of the workbench.
    case failed(String)
}

/// A screen's questions to the workbench.
protocol ServiceEffect: Equatable, Sendable {
    /// True for work that may take seconds; it has a queue of its own, so that refreshes go on beside it.
    var isSlow: Bool { get }
    func answer(from service: any WorkbenchService) throws -> Answer
}

extension ServiceEffect {
    var isSlow: Bool { false }
}

/// Asks the program and its terminal for something.
enum ProgramEffect: Equatable, Sendable {
    /// Opens the theme screen with what the session wears.
    case openThemes
    case wearTheme(ThemeChoice)
    /// Reads the theme that is worn again; its file may have changed.
    case reloadTheme
    /// Writes what was chosen into the settings file; `saying` tells of it in a notice.
    case keep(SettingName, String, saying: String? = nil)
    /// Gives the mouse to the program, or back to the terminal.
    case useMouse(Bool)
    case redraw
    case suspend
    case quit(QuitMode)
    /// Puts a text into the person's clipboard; `what` says in a notice what was copied.
    case copy(String, what: String)
    /// Percent of the live runs for the terminal's tab; nil takes it away.
    case showProgress(Int?)
    case ringBell
    case notify(title: String, text: String)
    /// Opens the person's own editor on a text, in place of the screen.
    case edit(String)
}

/// How to leave.
package enum QuitMode: Equatable, Sendable {
    /// At once; nothing trains in this process.
    case now
    /// Ask this process's runs to finish their step and save, then leave.
    case stoppingRuns
    /// Close the screen and stay until this process's runs are done.
    case keepingRuns
}
