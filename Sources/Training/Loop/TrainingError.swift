/// Why a run could not go on.
package enum TrainingError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The data cannot be trained on.
    case data(String)
    /// The plan asks for something the network or the data do not allow.
    case configuration(String)
    /// The loss was not a number.
    case notFinite(step: Int, tag: String)
    /// A checkpoint could not be read or written.
    case checkpoint(path: String, reason: String)

    package var description: String {
        switch self {
        case .data(let text), .configuration(let text): text
        case .notFinite(let step, let tag):
            "the value of \(tag) is not a number at step \(step): lower the learning rate or look for broken boxes in the data; "
                + "the last checkpoint is from before this step"
        case .checkpoint(let path, let reason): "the checkpoint \(path) is not usable: \(reason)"
        }
    }
}
