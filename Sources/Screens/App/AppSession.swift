import Foundation
import TerminalKit
import Workbench

/// Joins model, view and driver: messages in, effects out, frames when something changed. Owned by one thread.
final class AppSession {
    private(set) var model: AppModel
    let driver: any TerminalDriver
    private var theme: Theme
    private let timeZone: TimeZone
    private let perform: (Effect) -> Void
    private var shown: CellBuffer?

    init(
        driver: any TerminalDriver, theme: Theme, timeZone: TimeZone, now: Double, settings: ReadSettings = ReadSettings(),
        perform: @escaping (Effect) -> Void
    ) {
        self.driver = driver
        self.theme = theme
        self.timeZone = timeZone
        self.perform = perform
        model = AppModel(now: now, settings: settings)
    }

    func send(_ message: Message) {
        for effect in model.update(message) {
            if effect == .program(.switchTheme) {
                theme = theme.name == "light" ? .dark : .light
            } else {
                perform(effect)
            }
        }
    }

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
        AppView.draw(
            model, size: driver.size, appearance: Appearance(theme: theme, capabilities: driver.capabilities), timeZone: timeZone)
    }
}
