import Dispatch
import Foundation
import TerminalKit
import Workbench

/// The terminal app.
package enum TrainyardApp {
    /// How the screen was left.
    package enum Ending: Equatable, Sendable {
        case quit, terminated, hungUp
    }

    /// Shows the app on the controlling terminal until the person leaves it. Call it on the main thread.
    ///
    /// When the terminal hangs up, or the screen is closed while training goes on, this returns only after this process's runs
    /// have ended; on SIGTERM, after they have saved. With `startsNewRun` it opens on what a new run begins from.
    @discardableResult
    package static func run(workbench: any WorkbenchService, logFile: URL? = nil, startsNewRun: Bool = false) throws -> Ending {
        let environment = ProcessInfo.processInfo.environment
        let settingsFile = SettingsFile.url(environment: environment)
        var read = SettingsFile.read(settingsFile)
        let wardrobe = try wardrobe(&read, environment: environment)
        let pipe = try EventPipe<Message>()
        let driver = try NcursesDriver(
            logFile: logFile ?? defaultLogFile(environment), environment: read.settings.over(environment)
        ) { workbench.noteOutput($0) }
        defer { driver.close() }
        let watcher = ThemeWatcher(folders: wardrobe.folders) { pipe.post(.themesChanged) }
        defer { withExtendedLifetime(watcher) {} }
        driver.usesMouse = read.settings.mouse
        let terminal = TerminalRequests(driver: driver, environment: environment)
        let fast = DispatchQueue(label: "trainyard.screens.refresh", qos: .userInitiated)
        let slow = DispatchQueue(label: "trainyard.screens.work")
        var leaving: QuitMode?
        let session = AppSession(
            driver: driver, wardrobe: wardrobe, settingsFile: settingsFile, timeZone: .current, now: Date().timeIntervalSince1970, settings: read
        ) { effect in
            switch effect {
            case .program(.quit(let mode)): leaving = mode
            case .program(.redraw): driver.invalidate()
            case .program(.useMouse(let isOn)): driver.usesMouse = isOn
            case .program(.suspend): driver.suspend()
            // The session's own.
            case .program(.openThemes), .program(.wearTheme), .program(.reloadTheme), .program(.keep): break
            case .program(.copy(let text, let what)): pipe.post(.answer(terminal.copy(text, what: what), to: effect))
            case .program(.showProgress(let percent)): terminal.showProgress(percent)
            case .program(.ringBell): terminal.ringBell()
            case .program(.notify(let title, let text)): terminal.notify(title: title, text: text)
            case .program(.edit(let text)):
                pipe.post(.answer(ExternalEditor.edit(text, driver: driver, environment: environment), to: effect))
            case .session, .runs, .run, .runPage, .runTab, .form, .themes, .export, .compare:
                (effect.service?.isSlow == true ? slow : fast).async {
                    if let answer = EffectRunner.answer(effect, service: workbench) { pipe.post(.answer(answer, to: effect)) }
                }
            }
        }
        if startsNewRun { session.send(.action(.newRun)) }
        let ending = loop(session: session, driver: driver, pipe: pipe) { leaving != nil }
        terminal.showProgress(nil)
        driver.close()
        // What was chosen last may still be on its way into the settings file.
        fast.sync {}
        switch (ending, leaving) {
        case (.terminated, _), (_, .stoppingRuns): ClosedScreen.finish(workbench, stopping: true)
        case (.hungUp, _), (_, .keepingRuns): ClosedScreen.finish(workbench, stopping: false)
        default: break
        }
        return ending
    }

    /// The theme of the environment or the settings. One of the settings that cannot be read is a mistake in them; one of the
    /// environment stops the program.
    private static func wardrobe(_ read: inout ReadSettings, environment: [String: String]) throws -> Wardrobe {
        let library = ThemeLibrary(environment: environment)
        let isLight = ThemeLibrary.isLight(environment: environment) ?? false
        let asked = environment["TRAINYARD_THEME"] ?? ""
        let choice = library.choice(asked.isEmpty ? read.settings.theme ?? "" : asked)
        do {
            let loaded = try library.load(choice, isLightTerminal: isLight)
            if let warning = loaded.warning { read.problems.append(warning) }
            return Wardrobe(library: library, choice: choice, theme: loaded.theme, isLightTerminal: isLight)
        } catch {
            guard asked.isEmpty else { throw error }
            read.problems.append(error.description)
            return try Wardrobe(library: library, choice: .automatic, isLightTerminal: isLight)
        }
    }

    private static func loop(
        session: AppSession, driver: NcursesDriver, pipe: EventPipe<Message>, isLeaving: () -> Bool
    ) -> Ending {
        var lastKey = 0.0
        session.send(.tick(Date().timeIntervalSince1970))
        session.draw()
        while !isLeaving() {
            let before = Date().timeIntervalSince1970
            let wake = TerminalPoll.wait(
                driver: driver, messages: pipe.readDescriptor, milliseconds: before - lastKey < 1 ? 33 : session.isCalm ? 250 : 100)
            let now = Date().timeIntervalSince1970
            for signal in wake.signals {
                switch signal {
                case SIGWINCH, SIGCONT: driver.resize()
                case SIGHUP:
                    driver.noteHangUp()
                    return .hungUp
                case SIGTERM, SIGQUIT: return .terminated
                case SIGINT: session.send(.key(.control("c")))
                case SIGTSTP: driver.suspend()
                default: break
                }
            }
            if wake.hungUp {
                driver.noteHangUp()
                return .hungUp
            }
            if wake.keys, session.takeKeys() { lastKey = now }
            if wake.messages { pipe.drain().forEach(session.send) }
            session.send(.tick(now))
            session.draw()
        }
        return .quit
    }

    /// Where output goes that would garble the screen.
    private static func defaultLogFile(_ environment: [String: String]) -> URL {
        let home = environment["HOME"] ?? NSTemporaryDirectory()
        let data = environment["XDG_DATA_HOME"].map { $0 + "/trainyard" } ?? home + "/.local/share/trainyard"
        return URL(fileURLWithPath: environment["TRAINYARD_HOME"] ?? data).appendingPathComponent("screen.log")
    }
}
