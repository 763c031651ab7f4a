import Workbench

/// Carries out effects on a workbench. Pure apart from what the workbench does; called off the screen's thread.
enum EffectRunner {
    /// Nil for what is not the workbench's.
    static func answer(_ effect: Effect, service: any WorkbenchService) -> Answer? {
        do {
            return try effect.service?.answer(from: service)
        } catch {
            return .failed(String(describing: error))
        }
    }
}
