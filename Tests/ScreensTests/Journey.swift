import Dispatch
import Foundation
import Synchronization
import TerminalKit
import Testing
import Workbench

@testable import Screens

/// The app on a terminal in memory: presses keys, waits until nothing is left to do, and lets a test look.
///
/// Effects are carried out at once, or on a thread of their own as in the program. Either way each verb returns only when
/// the app is idle: every effect is answered, every answer taken, and what follows from it too.
final class Journey {
    let workbench = MemoryWorkbench()
    let driver: MemoryDriver
    private(set) var quits: [QuitMode] = []
    /// What was asked of the terminal, apart from quitting.
    private(set) var requests: [ProgramEffect] = []
    private var pending: [Effect] = []
    private var time = MemoryWorkbench.noon
    private var session: AppSession?
    /// Not there until something is kept.
    private let settingsFolder = FileManager.default.temporaryDirectory.appendingPathComponent("trainyard-settings-\(UUID().uuidString)")
    var settingsFile: URL { settingsFolder.appendingPathComponent("config.yaml") }
    private let queue: DispatchQueue?

    deinit { try? FileManager.default.removeItem(at: settingsFolder) }

    init(
        width: Int = 80, height: Int = 24, unicode: Bool = true, colors: ColorDepth = .palette256, runs: [RunSummary] = [],
        settings: String = "", inBackground: Bool = false
    ) throws {
        driver = MemoryDriver(
            size: TerminalSize(width: width, height: height), capabilities: TerminalCapabilities(colors: colors, unicode: unicode))
        queue = inBackground ? DispatchQueue(label: "journey", attributes: .concurrent) : nil
        workbench.state.withLock { $0.runs = runs }
        let zone = try #require(TimeZone(secondsFromGMT: 0))
        session = AppSession(
            driver: driver, wardrobe: Wardrobe(theme: .dark), settingsFile: settingsFile,
            timeZone: zone, now: time, settings: SettingsFile.parse(settings)
        ) { [unowned self] effect in
            pending.append(effect)
        }
        tick()
    }

    var model: AppModel { session?.model ?? AppModel(now: 0) }

    /// Waits until the app is idle.
    func settle(drawing: Bool = true) {
        while !pending.isEmpty {
            let effects = pending
            pending = []
            for effect in effects {
                switch effect {
                case .program(.quit(let mode)): quits.append(mode)
                case .program(let request): requests.append(request)
                default: break
                }
            }
            for (effect, answer) in zip(effects, answers(to: effects)) {
                if let answer { session?.send(.answer(answer, to: effect)) }
            }
        }
        if drawing { session?.draw() }
    }

    private func answers(to effects: [Effect]) -> [Answer?] {
        guard let queue else { return effects.map { EffectRunner.answer($0, service: workbench) } }
        let answers = Answers(count: effects.count)
        let group = DispatchGroup()
        for (index, effect) in effects.enumerated() {
            queue.async(group: group) { [workbench] in answers.take(EffectRunner.answer(effect, service: workbench), at: index) }
        }
        group.wait()
        return answers.all
    }

    func send(_ message: Message) {
        session?.send(message)
        settle(drawing: false)
    }

    func tick(_ seconds: Double = 1) {
        time += seconds
        session?.send(.tick(time))
        settle()
    }

    func press(_ keys: Key...) { press(keys) }

    func press(_ keys: [Key], drawing: Bool = true) {
        for key in keys {
            driver.press([key])
            _ = session?.takeKeys()
            settle(drawing: drawing)
        }
    }

    func type(_ text: String) { press(text.map { .character($0) }) }

    var text: String { driver.screen.text }

    /// What another terminal would show now.
    func frame(size: TerminalSize, capabilities: TerminalCapabilities) -> CellBuffer? {
        let before = (driver.size, driver.capabilities)
        (driver.size, driver.capabilities) = (size, capabilities)
        defer { (driver.size, driver.capabilities) = before }
        return session?.frame()
    }

    /// What was kept of the choices made, as the settings file holds it.
    var keptSettings: String { (try? String(contentsOf: settingsFolder.appendingPathComponent("config.yaml"), encoding: .utf8)) ?? "" }
}

/// Answers that come from several threads.
private final class Answers: Sendable {
    private let state: Mutex<[Answer?]>

    init(count: Int) { state = Mutex(Array(repeating: nil, count: count)) }

    var all: [Answer?] { state.withLock { $0 } }

    func take(_ answer: Answer?, at index: Int) { state.withLock { $0[index] = answer } }
}

extension AppModel {
    /// The runs table, at the bottom of the screens.
    var runs: RunsModel {
        if case .runs(let table)? = screens.first { table } else { RunsModel() }
    }

    /// The form, if one is open and ready.
    var form: FormModel? {
        if case .form(let screen) = top { screen.form } else { nil }
    }
}

extension Journey {
    /// A new run from the blueprint at a place of the list: Quick Start, Full Configuration, the JSON.
    func begin(_ index: Int = 0) {
        type("n")
        press(Array(repeating: .down, count: index) + [.enter])
    }

    /// Opens a page of the form by its keys.
    func turn(to page: FormPageID) {
        for _ in 0..<40 where model.form?.pageID != page { press(model.form?.focus == .proceed ? .pageDown : .backTab) }
    }

    func focus(on wanted: FormFocus) {
        for _ in 0..<80 where model.form?.focus != wanted { press(.tab) }
        #expect(model.form?.focus == wanted)
    }

    /// The page of the run at a place of the table, on one of its tabs.
    static func page(
        _ tab: RunTab, width: Int = 80, height: Int = 24, run index: Int = 0, evaluation: RunEvaluation? = MemoryWorkbench.evaluation()
    ) throws -> Journey {
        let journey = try Journey(width: width, height: height, runs: MemoryWorkbench.someRuns)
        journey.workbench.state.withLock { $0.evaluation = evaluation }
        journey.workbench.addCurves()
        journey.press(Array(repeating: .down, count: index) + [.enter])
        for _ in 0..<RunTab.allCases.count where journey.page?.tab != tab { journey.press(.tab) }
        #expect(journey.page?.tab == tab)
        return journey
    }

    var page: RunPageModel? {
        if case .run(let page) = model.top { page } else { nil }
    }
}

extension RunsModel {
    /// The rows at hand.
    var visible: [RunSummary] { window.page?.runs ?? [] }
}
