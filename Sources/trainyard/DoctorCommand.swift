import ArgumentParser
import Foundation
import Screens
import Workbench

struct DoctorCommand: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "doctor", abstract: "Check the catalogue, its files, this machine and the app's settings.")
    @OptionGroup var output: OutputOptions

    func run() throws {
        var findings = try Output.workbench().examine()
        let settings = SettingsReport.check(environment: ProcessInfo.processInfo.environment)
        findings += settings.problems.isEmpty
            ? [HealthFinding(subject: "settings", isFine: true, text: settings.path)]
            : settings.problems.map { HealthFinding(subject: "settings", isFine: false, text: "\(settings.path): \($0)") }
        if output.json {
            try Output.json(findings)
        } else {
            for finding in findings { print("\(finding.isFine ? "ok  " : "BAD ")  \(finding.subject): \(finding.text)") }
        }
        if findings.contains(where: { !$0.isFine }) { throw ExitStatus.failed }
    }
}
