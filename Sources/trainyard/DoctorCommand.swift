import ArgumentParser
import Foundation
import Workbench

struct DoctorCommand: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "doctor", abstract: "Check the catalogue, its files and this machine.")
    @OptionGroup var output: OutputOptions

    func run() throws {
        let findings = try Output.workbench().examine()
        if output.json {
            try Output.json(findings)
        } else {
            for finding in findings { print("\(finding.isFine ? "ok  " : "BAD ")  \(finding.subject): \(finding.text)") }
        }
        if findings.contains(where: { !$0.isFine }) { throw ExitStatus.failed }
    }
}
