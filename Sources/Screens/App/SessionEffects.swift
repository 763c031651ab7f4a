import Foundation
import Workbench

/// What the app itself asks for, whatever screen is open.
enum SessionEffect: ServiceEffect {
    /// The runs of this process, and those that were its runs a moment ago.
    case look(known: [String])
    case keep(SettingName, String, file: URL, saying: String?)

    func answer(from service: any WorkbenchService) throws -> Answer {
        switch self {
        case .look(let known):
            let own = service.ownRuns
            // A run that was removed meanwhile is not worth a word.
            let runs = (own + known.filter { !own.contains($0) }).compactMap { try? service.run($0).summary }
            return .session(.looked(runs))
        case .keep(let setting, let value, let file, let words):
            try SettingsFile.write(setting, value, to: file)
            return words.map { .done($0) } ?? .session(.kept)
        }
    }
}

enum SessionAnswer: Equatable, Sendable {
    case looked([RunSummary])
    case kept
}

/// The runs that train in this process: what quitting must ask about, and what is worth a bell when it ends.
struct OwnRuns: Equatable, Sendable {
    private(set) var live: [RunSummary] = []
    private(set) var isLooking = false
    private var lastLook = 0.0

    /// Asks for a look when one is due.
    mutating func tick(_ now: Double) -> [Effect] {
        guard !isLooking, now - lastLook >= 1 || lastLook > now else { return [] }
        isLooking = true
        lastLook = now
        return [.session(.look(known: live.map(\.id)))]
    }

    /// Takes what was seen; gives the runs that ended since the last look.
    mutating func take(_ runs: [RunSummary]) -> [RunSummary] {
        isLooking = false
        let before = Set(live.map(\.id))
        live = runs.filter { !$0.status.isTerminal }
        return runs.filter { $0.status.isTerminal && before.contains($0.id) }
    }

    mutating func missLook() {
        isLooking = false
    }

    /// How far the runs that train are together, in percent; nil while none does.
    var percent: Int? {
        let training = live.filter { $0.progress > 0 }
        guard !training.isEmpty else { return nil }
        return Int((100 * training.reduce(0) { $0 + min(1, max(0, $1.progress)) } / Double(training.count)).rounded(.down))
    }
}
