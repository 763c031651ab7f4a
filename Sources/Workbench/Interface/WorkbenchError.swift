/// Why the workbench refused or failed, as one sentence that says what is wrong and what to do next.
package struct WorkbenchError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What kind of failure it is; the command line's exit code follows from it.
    package enum Kind: Sendable, Equatable {
        case failed, invalid, notFound, conflict, outOfResources
    }

    package let kind: Kind
    package let description: String

    package init(_ kind: Kind, _ description: String) {
        self.kind = kind
        self.description = description
    }
}
