/// Checks a document against the schema.
enum SchemaCheck {
    /// What is found where a required key is left out.
    static let nothing = "nothing"

    /// Adds what is wrong with `value` to `issues`, and returns it with aliases resolved and nulls of optional fields left out.
    static func check(
        _ value: JSONValue, against rule: SchemaRule, at path: String, issues: inout [ConfigurationIssue]
    ) -> JSONValue {
        func mismatch() {
            issues.append(ConfigurationIssue(
                path: path, found: value.summary, allowed: [rule.words],
                message: "expected \(rule.words), found \(value.summary)"))
        }
        switch (rule, value) {
        case (.object(let fields), .object(let members)):
            return checkMembers(members, fields: fields, at: path, issues: &issues)
        case (.named(let variants, let standard, let fields), .object(let members)):
            return checkNamed(members, variants: variants, standard: standard, fields: fields, at: path, issues: &issues)
        case (.array(let element, let minimum, let maximum), .array(let elements)):
            guard elements.count >= minimum, elements.count <= maximum else { mismatch(); break }
            return .array(elements.enumerated().map { check($1, against: element, at: "\(path)/\($0)", issues: &issues) })
        case (.tuple(let rules), .array(let elements)):
            guard elements.count == rules.count else { mismatch(); break }
            return .array(zip(rules, elements).enumerated().map { check($1.1, against: $1.0, at: "\(path)/\($0)", issues: &issues) })
        case (.nullable, .null): break
        case (.nullable(let inner), _): return check(value, against: inner, at: path, issues: &issues)
        case (.string, .string), (.boolean, .boolean): break
        case (.nonEmptyString, .string(let text)): if text.isEmpty { mismatch() }
        case (.choice(let names), .string(let name)):
            if names.contains(name) { break }
            // Letters' case alone is no mistake worth a person's time.
            if let same = names.first(where: { $0.lowercased() == name.lowercased() }) { return .string(same) }
            let nearest = NearestName.find(name, among: names)
            issues.append(ConfigurationIssue(
                path: path, found: value.summary, allowed: names, nearest: nearest,
                message: "\"\(name)\" is not available, choose \(rule.words)" + (nearest.map { "; did you mean \"\($0)\"?" } ?? "")))
        case (.integer(let range), .integer(let number)): if !range.contains(number) { mismatch() }
        case (.number(let range), .integer), (.number(let range), .number):
            if !(value.numeric.map(range.contains) ?? false) { mismatch() }
        case (.quantity, .integer(let number)):
            if number > 0 { return .string("\(number)") }
            mismatch()
        case (.quantity, .number(let number)):
            if number > 0 { return .string("\(number)") }
            mismatch()
        case (.quantity, .string(let text)): if ResourceQuantity.parse(text) == nil { mismatch() }
        default: mismatch()
        }
        return value
    }

    private static func checkNamed(
        _ members: [String: JSONValue], variants: [SchemaVariant], standard: String?, fields: [SchemaField], at path: String,
        issues: inout [ConfigurationIssue]
    ) -> JSONValue {
        let names = variants.map(\.name)
        let nameField = SchemaField(name: "name", isRequired: standard == nil, rule: .choice(names), meaning: "")
        var chosen = standard
        if case .string(let text)? = members["name"] { chosen = names.first { $0.lowercased() == text.lowercased() } }
        let settings = variants.first { $0.name == chosen }?.fields
        // What an unknown name's settings would be is unknown too; the name is the mistake to tell.
        let kwargs = SchemaField(name: "kwargs", isRequired: false, rule: .object(settings ?? []), meaning: "")
        var checkable = members
        if settings == nil { checkable["kwargs"] = nil }
        return checkMembers(checkable, fields: [nameField, kwargs] + fields, at: path, issues: &issues)
    }

    private static func checkMembers(
        _ members: [String: JSONValue], fields: [SchemaField], at path: String, issues: inout [ConfigurationIssue]
    ) -> JSONValue {
        let names = fields.map(\.name)
        var result: [String: JSONValue] = [:]
        for (key, value) in members.sorted(by: { $0.key < $1.key }) {
            guard let field = fields.first(where: { $0.name == key || $0.aliases.contains(key) }) else {
                let nearest = NearestName.find(key, among: names)
                issues.append(ConfigurationIssue(
                    path: "\(path)/\(key)", found: "the key \"\(key)\"", allowed: names, nearest: nearest,
                    message: "unknown key \"\(key)\"" + (nearest.map { "; did you mean \"\($0)\"?" } ?? "")
                        + " (allowed: \(names.isEmpty ? "none" : names.joined(separator: ", ")))"))
                continue
            }
            // A null stands for "not given" wherever a field may be left out, but where null itself is a value.
            if value == .null, !field.isRequired {
                if case .nullable = field.rule {} else { continue }
            }
            let checked = check(value, against: field.rule, at: "\(path)/\(key)", issues: &issues)
            if let present = result[field.name], present != checked {
                issues.append(ConfigurationIssue(
                    path: "\(path)/\(key)", found: value.summary, allowed: [present.summary],
                    message: "\"\(key)\" and \"\(field.name)\" are one setting with two values, keep one of them"))
            }
            result[field.name] = checked
        }
        for field in fields where field.isRequired && members[field.name] == nil {
            issues.append(ConfigurationIssue(
                path: "\(path)/\(field.name)", found: nothing, allowed: [field.rule.words],
                message: "the key \"\(field.name)\" is missing, give \(field.rule.words)"))
        }
        return .object(result)
    }
}
