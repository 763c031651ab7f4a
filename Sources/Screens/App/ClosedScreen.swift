import Foundation
import Synchronization
import Workbench

/// The program after its screen: it stays until the runs that train in it are done.
enum ClosedScreen {
    /// Set by the first Ctrl-C or request to end; a second one has its ordinary effect.
    private static let isInterrupted = Atomic(false)

    /// Returns once this process has no live run. `stopping` asks them to finish their step and save; so does Ctrl-C.
    static func finish(_ workbench: any WorkbenchService, stopping: Bool) {
        func own() -> [RunSummary] { workbench.ownRuns.compactMap { try? workbench.run($0).summary } }
        var remaining = own()
        guard !remaining.isEmpty else { return }
        let names = remaining.map(\.name).joined(separator: ", ")
        say(stopping ? "Saving \(names)…" : "Training goes on: \(names).\nCtrl-C stops and saves; trainyard in another terminal shows it.")
        noteInterrupts()
        var isStopping = stopping
        var asked = Set<String>()
        while !remaining.isEmpty {
            if !isStopping, isInterrupted.load(ordering: .acquiring) {
                isStopping = true
                say("Saving… Ctrl-C again ends at once; what was trained since the last checkpoint would be lost.")
            }
            if isStopping {
                for run in remaining where asked.insert(run.id).inserted { try? workbench.abort(run: run.id) }
            }
            Thread.sleep(forTimeInterval: 0.2)
            remaining = own()
        }
    }

    private static func say(_ text: String) {
        print(text)
        fflush(nil)
    }

    private static func noteInterrupts() {
        // Touched here first, since a handler may not set it up.
        isInterrupted.store(false, ordering: .releasing)
        for number in [SIGINT, SIGTERM] {
            signal(number) { number in
                ClosedScreen.isInterrupted.store(true, ordering: .releasing)
                signal(number, SIG_DFL)
            }
        }
    }
}
