import Foundation
import Training

/// One setting on top of a configuration: a JSON pointer and the value as JSON, or as plain text where it is none.
package struct ConfigurationSetting: Sendable, Equatable {
    package let pointer: String
    package let value: String

    package init(pointer: String, value: String) {
        self.pointer = pointer
        self.value = value
    }

    /// A setting whose value is a text, be it what looks like a number.
    package init(pointer: String, text: String) {
        self.init(pointer: pointer, value: "\"" + text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\"")
    }
}

extension Workbench {
    /// A configuration with settings laid over it; `null` takes one away. It is not checked here.
    package func configuration(_ json: Data, with settings: [ConfigurationSetting]) throws(WorkbenchError) -> Data {
        guard !settings.isEmpty else { return json }
        guard let document = try? JSONDecoder().decode(JSONValue.self, from: json) else {
            throw WorkbenchError(.invalid, "The configuration is not valid JSON; `trainyard config validate` says where.")
        }
        var overlay = JSONValue.object([:])
        for setting in settings {
            let keys = RunConfiguration.keys(setting.pointer)
            guard setting.pointer.hasPrefix("/"), !keys.isEmpty else {
                throw WorkbenchError(
                    .invalid, "\"\(setting.pointer)\" is not a place in a configuration; write it as in /runform/ema/decay.")
            }
            let value = try? JSONDecoder().decode(JSONValue.self, from: Data(setting.value.utf8))
            overlay.set(keys, value ?? .string(setting.value))
        }
        do { return try JSONEncoder().encode(document.overlaid(by: overlay)) } catch {
            throw WorkbenchError(.invalid, "The configuration cannot be written as JSON: \(error)")
        }
    }

    /// All settings of a configuration as Markdown tables.
    package static var configurationReference: String { PlanReference.markdown }
}
