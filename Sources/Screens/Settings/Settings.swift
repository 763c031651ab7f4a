import TerminalKit

/// What a person set for the app: the content of `config.yaml`.
struct Settings: Equatable, Sendable {
    /// A shipped theme's name, or that of a file in the user's theme folder; nil lets the terminal decide.
    var theme: String?
    var glyphs = GlyphSetting.auto
    /// What charts' lines are drawn with; nil takes the finest set of the terminal.
    var chartGlyphs: ChartGlyphSet?
    /// The columns of the runs table, and what it is sorted by.
    var columns = RunColumns()
    var order = RunOrder()
    /// Whether the mouse speaks to the program from the start.
    var mouse = false
    /// Shows frames as a whole where the terminal can (mode 2026); some older terminals stutter.
    var synchronizedOutput = true
    /// Rings the terminal's bell when a run of this program ends.
    var bell = false
    /// Asks the terminal for a desktop notification when a run of this program ends.
    var notifications = false
    /// Shows the live run's progress in the terminal's tab or the task bar.
    var progress = true
    /// Names of actions and of their keys; an empty list takes the keys away.
    var keys: [String: [String]] = [:]

    /// The environment as if it said what the settings say; what it says itself wins.
    func over(_ environment: [String: String]) -> [String: String] {
        var own: [String: String] = [:]
        if glyphs == .ascii { own["TRAINYARD_ASCII"] = "1" }
        if !synchronizedOutput { own["TRAINYARD_SYNC"] = "0" }
        return own.merging(environment.filter { !$0.value.isEmpty }) { $1 }
    }
}

/// The characters that screens are drawn with.
enum GlyphSetting: String, CaseIterable, Equatable, Sendable {
    /// What the locale promises.
    case auto
    case ascii
}

/// The keys of `config.yaml`, one each for a property of `Settings`.
enum SettingName: String, CaseIterable, Sendable {
    case theme, glyphs
    case chartGlyphs = "chart-glyphs"
    case columns = "runs-columns"
    case order = "runs-order"
    case mouse
    case synchronizedOutput = "synchronized-output"
    case bell, notifications, progress, keys

    /// What may stand there, for the documentation and for messages.
    var allowed: String {
        switch self {
        case .theme: "a theme's name, or a file's name in the themes folder beside this file"
        case .glyphs: GlyphSetting.allCases.map(\.rawValue).joined(separator: ", ")
        case .chartGlyphs: (["auto"] + ChartGlyphSet.allCases.map(\.settingName)).joined(separator: ", ")
        case .columns: "a list of " + RunColumn.allCases.map(\.settingName).joined(separator: ", ")
        case .order: "a column, then ascending or descending"
        case .mouse, .synchronizedOutput, .bell, .notifications, .progress: "on, off"
        case .keys: "a list of keys for each action, or none"
        }
    }

    var standard: String {
        let settings = Settings()
        return switch self {
        case .theme: "as the terminal"
        case .glyphs: settings.glyphs.rawValue
        case .chartGlyphs: "auto"
        case .columns: "all but " + RunColumn.allCases.filter(settings.columns.hidden.contains).map(\.settingName).joined(separator: ", ")
        case .order: settings.order.text
        case .mouse: Self.word(settings.mouse)
        case .synchronizedOutput: Self.word(settings.synchronizedOutput)
        case .bell: Self.word(settings.bell)
        case .notifications: Self.word(settings.notifications)
        case .progress: Self.word(settings.progress)
        case .keys: "the table below"
        }
    }

    var meaning: String {
        switch self {
        case .theme: "the colours"
        case .glyphs: "the characters of frames, bars and charts"
        case .chartGlyphs: "what lines of charts are drawn with; `charts.glyphs` switches at any time, and keeps the choice here"
        case .columns: "the columns of the runs table, in this order; what `runs.columns` changes is kept here"
        case .order: "what the runs table is sorted by; kept here when it is changed"
        case .mouse: "take clicks and the wheel from the start; `app.mouse` switches at any time"
        case .synchronizedOutput: "show a frame as a whole where the terminal can (mode 2026)"
        case .bell: "ring the terminal's bell when a run of this program ends"
        case .notifications: "ask the terminal for a desktop notification when a run of this program ends"
        case .progress: "show the live run's progress in the terminal's tab or the task bar"
        case .keys: "other keys for actions"
        }
    }

    private static func word(_ value: Bool) -> String { value ? "on" : "off" }
}
