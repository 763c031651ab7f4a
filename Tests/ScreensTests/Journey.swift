import Foundation
import Synchronization
import TerminalKit
import Testing
import Workbench

@testable import Screens

/// The app on a terminal in memory, its effects carried out at once.
final class Journey {
    let workbench = MemoryWorkbench()
    let driver: MemoryDriver
    private(set) var quits: [QuitMode] = []
    /// What was asked of the terminal, apart from quitting.
    private(set) var requests: [ProgramEffect] = []
    private var pending: [Effect] = []
    private var time = MemoryWorkbench.noon
    private var session: AppSession?

    init(width: Int = 80, height: Int = 24, unicode: Bool = true, colors: ColorDepth = .palette256, runs: [RunSummary] = [], settings: String = "") throws {
        driver = MemoryDriver(
            size: TerminalSize(width: width, height: height), capabilities: TerminalCapabilities(colors: colors, unicode: unicode))
        workbench.state.withLock { $0.runs = runs }
        let zone = try #require(TimeZone(secondsFromGMT: 0))
        session = AppSession(driver: driver, theme: .dark, timeZone: zone, now: time, settings: SettingsFile.parse(settings)) { [unowned self] effect in
            pending.append(effect)
        }
        tick()
    }

    var model: AppModel { session?.model ?? AppModel(now: 0) }

    func settle() {
        while !pending.isEmpty {
            let effect = pending.removeFirst()
            switch effect {
            case .program(.quit(let mode)): quits.append(mode)
            case .program(let request): requests.append(request)
            default: break
            }
            if let answer = EffectRunner.answer(effect, service: workbench) { session?.send(.answer(answer, to: effect)) }
        }
        session?.draw()
    }

    func tick(_ seconds: Double = 1) {
        time += seconds
        session?.send(.tick(time))
        settle()
    }

    func press(_ keys: Key...) { press(keys) }

    func press(_ keys: [Key]) {
        for key in keys {
            driver.press([key])
            _ = session?.takeKeys()
            settle()
        }
    }

    func type(_ text: String) { press(text.map { .character($0) }) }

    var text: String { driver.screen.text }
}

extension AppModel {
    /// The runs table, at the bottom of the screens.
    var runs: RunsModel {
        if case .runs(let table)? = screens.first { table } else { RunsModel() }
    }

    /// Quick Start, if it is open and ready.
    var wizard: WizardModel? {
        if case .wizard(let screen) = top { screen.wizard } else { nil }
    }
}
