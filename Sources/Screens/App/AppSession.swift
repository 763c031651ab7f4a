import Foundation
import TerminalKit
import Workbench

/// Joins model, view and driver: messages in, effects out, frames when something changed. Owned by one thread.
final class AppSession {
    private(set) var model: AppModel
    let driver: any TerminalDriver
    private(set) var wardrobe: Wardrobe
    private let settingsFile: URL
    private let timeZone: TimeZone
    private let perform: (Effect) -> Void
    private var shown: CellBuffer?

    init(
        driver: any TerminalDriver, wardrobe: Wardrobe, settingsFile: URL, timeZone: TimeZone, now: Double, settings: ReadSettings = ReadSettings(),
        perform: @escaping (Effect) -> Void
    ) {
        self.driver = driver
        self.wardrobe = wardrobe
        self.settingsFile = settingsFile
        self.timeZone = timeZone
        self.perform = perform
        model = AppModel(now: now, settings: settings)
    }

    func send(_ message: Message) {
        for effect in model.update(message) {
            switch effect {
            case .program(.openThemes): send(.open(.themes(ThemesModel(wardrobe: wardrobe))))
            case .program(.wearTheme(let choice)): change(effect) { (wardrobe) throws(ThemeError) in try wardrobe.wear(choice) }
            case .program(.reloadTheme): change(effect) { (wardrobe) throws(ThemeError) in try wardrobe.reload() }
            case .program(.keep(let setting, let value, let words)):
                perform(.session(.keep(setting, value, file: settingsFile, saying: words)))
            default: perform(effect)
            }
        }
    }

    /// Changes what is worn and says what was wrong with it.
    private func change(_ effect: Effect, _ body: (inout Wardrobe) throws(ThemeError) -> String?) {
        do {
            if let warning = try body(&wardrobe) { send(.answer(.failed(warning), to: effect)) }
        } catch {
            send(.answer(.failed(error.description), to: effect))
        }
    }

    /// Whether nothing on the screen asks to be brought up to date several times a second: then the clock may tick slowly.
    var isCalm: Bool { model.top.model.refreshInterval >= 0.5 }

    /// Whether the terminal is too small for anything but leaving.
    var isTooSmall: Bool {
        driver.size.width < AppView.minimumSize.width || driver.size.height < AppView.minimumSize.height
    }

    func takeKeys() -> Bool {
        let keys = driver.readKeys()
        for key in keys {
            // Keys that cannot be answered on the screen must not act; leaving always can.
            if isTooSmall, model.question == nil {
                if let action = model.keymap.actions(for: key, in: [.program]).first(where: \.worksInAnySize) { send(.action(action)) }
                continue
            }
            if case .mouse(let event) = key {
                send(.mouse(event.action, shown?.hit(x: event.x, y: event.y)))
            } else {
                send(.key(key))
            }
        }
        return !keys.isEmpty
    }

    func draw() {
        let frame = frame()
        shown = frame
        driver.present(frame)
    }

    func frame() -> CellBuffer {
        if let isLight = driver.isLight { wardrobe.note(isLightTerminal: isLight) }
        var theme = wardrobe.theme
        if case .themes(let themes) = model.top, let preview = themes.preview { theme = preview }
        return AppView.draw(
            model, size: driver.size, appearance: Appearance(theme: theme, capabilities: driver.capabilities), timeZone: timeZone)
    }
}
