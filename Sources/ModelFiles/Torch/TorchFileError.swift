/// What is wrong within a file that `torch.save` wrote, without the file's name.
enum TorchFileFault: Error, Equatable {
    /// The bytes contradict the format.
    case damaged(String)
    /// The pickle asks for something that only a whole Python could do; the text names it.
    case couldRunCode(String)
    /// Sound, but of a kind that is not read.
    case unsupported(String)
}

/// Why a file that `torch.save` wrote cannot be used.
package enum TorchFileError: Error, Equatable, CustomStringConvertible {
    case unreadable(path: String, reason: String)
    case damaged(path: String, reason: String)
    /// `what` is the opcode or global that is not on the list.
    case couldRunCode(path: String, what: String)
    case unsupported(path: String, reason: String)

    init(path: String, _ fault: TorchFileFault) {
        self = switch fault {
        case .damaged(let reason): .damaged(path: path, reason: reason)
        case .couldRunCode(let what): .couldRunCode(path: path, what: what)
        case .unsupported(let reason): .unsupported(path: path, reason: reason)
        }
    }

    package var description: String {
        switch self {
        case .unreadable(let path, let reason): "The file \(path) cannot be read: \(reason); check the path and its permissions."
        case .damaged(let path, let reason): "The file \(path) is not a sound torch file: \(reason); copy or save it again."
        case .couldRunCode(let path, let what):
            "The file \(path) asks for \(what); such a file could run code when it is opened, so it was not read further: "
                + "save only the state dictionary, with torch.save(model.state_dict(), \"weights.pth\")."
        case .unsupported(let path, let reason):
            "The file \(path) \(reason); load it in Python and save the state dictionary, with torch.save(model.state_dict(), \"weights.pth\")."
        }
    }
}
