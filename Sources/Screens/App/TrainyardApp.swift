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
    /// have ended; on SIGTERM, after they have saved.
    @discardableResult
    package static func run(workbench: any WorkbenchService, logFile: URL? = nil) throws -> Ending {
        let environment = ProcessInfo.processInfo.environment
        var read = SettingsFile.read(SettingsFile.url(environment: environment))
        let theme = try chosenTheme(&read, environment: environment)
        let pipe = try EventPipe<Message>()
        let driver = try NcursesDriver(logFile: logFile ?? defaultLogFile(environment), environment: read.settings.over(environment))
        defer { driver.close() }
        let terminal = TerminalRequests(driver: driver, environment: environment)
        let fast = DispatchQueue(label: "trainyard.screens.refresh", qos: .userInitiated)
        let slow = DispatchQueue(label: "trainyard.screens.work")
        var leaving: QuitMode?
        let session = AppSession(
            driver: driver, theme: theme, timeZone: .current, now: Date().timeIntervalSince1970, settings: read
        ) { effect in
            switch effect {
            case .program(.quit(let mode)): leaving = mode
            case .program(.redraw): driver.invalidate()
            case .program(.suspend): driver.suspend()
            case .program(.switchTheme): break
            case .program(.copy(let text, let what)): pipe.post(.answer(terminal.copy(text, what: what), to: effect))
            case .program(.showProgress(let percent)): terminal.showProgress(percent)
            case .program(.ringBell): terminal.ringBell()
            case .program(.notify(let title, let text)): terminal.notify(title: title, text: text)
            case .session, .runs, .run, .runPage, .runTab, .wizard:
                (effect.service?.isSlow == true ? slow : fast).async {
                    if let answer = EffectRunner.answer(effect, service: workbench) { pipe.post(.answer(answer, to: effect)) }
                }
            }
        }
        let ending = loop(session: session, driver: driver, pipe: pipe) { leaving != nil }
        terminal.showProgress(nil)
        driver.close()
        switch (ending, leaving) {
        case (.terminated, _), (_, .stoppingRuns): finish(workbench, stopping: true)
        case (.hungUp, _), (_, .keepingRuns): finish(workbench, stopping: false)
        default: break
        }
        return ending
    }

    /// The theme of the environment or the settings. One of the settings that cannot be read is a mistake in them; one of the
    /// environment stops the program.
    private static func chosenTheme(_ read: inout ReadSettings, environment: [String: String]) throws -> Theme {
        let library = ThemeLibrary(environment: environment)
        let isLight = ThemeLibrary.isLight(environment: environment) ?? false
        if let asked = environment["TRAINYARD_THEME"], !asked.isEmpty {
            return try library.load(library.choice(asked), isLightTerminal: isLight).theme
        }
        do {
            let loaded = try library.load(library.choice(read.settings.theme ?? ""), isLightTerminal: isLight)
            if let warning = loaded.warning { read.problems.append(warning) }
            return loaded.theme
        } catch {
            read.problems.append(error.description)
            return isLight ? .light : .dark
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
                driver: driver, messages: pipe.readDescriptor, milliseconds: before - lastKey < 1 ? 33 : 100)
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

    /// Waits, without a screen, for the runs that train in this process.
    private static func finish(_ workbench: any WorkbenchService, stopping: Bool) {
        func mine() -> [RunSummary] { workbench.ownRuns.compactMap { try? workbench.run($0).summary } }
        var asked = Set<String>()
        var remaining = mine()
        if !remaining.isEmpty {
            let names = remaining.map(\.name).joined(separator: ", ")
            print(stopping ? "Saving \(names)…" : "Training goes on: \(names). Ctrl-C stops it; trainyard in another terminal shows it.")
            fflush(nil)
        }
        while !remaining.isEmpty {
            if stopping {
                for run in remaining where asked.insert(run.id).inserted { try? workbench.abort(run: run.id) }
            }
            Thread.sleep(forTimeInterval: 0.2)
            remaining = mine()
        }
    }

    /// Where output goes that would garble the screen.
    private static func defaultLogFile(_ environment: [String: String]) -> URL {
        let home = environment["HOME"] ?? NSTemporaryDirectory()
        let data = environment["XDG_DATA_HOME"].map { $0 + "/trainyard" } ?? home + "/.local/share/trainyard"
        return URL(fileURLWithPath: environment["TRAINYARD_HOME"] ?? data).appendingPathComponent("screen.log")
    }
}
