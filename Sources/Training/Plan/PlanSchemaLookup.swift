extension PlanSchema {
    /// The field at a path of keys, arrays entered by the key "0"; nil where the schema has none, or where it hangs on a name.
    package static func field(at path: [String]) -> SchemaField? {
        var rule = root, found: SchemaField?
        for key in path {
            if case .array(let element, _, _) = rule, key == "0" {
                rule = element
                continue
            }
            guard let field = fields(of: rule).first(where: { $0.name == key }) else { return nil }
            found = field
            rule = field.rule
        }
        return found
    }

    /// The names that an object may bear, with the settings of each; empty for an object without a name.
    package static func variants(at path: [String]) -> [SchemaVariant] {
        guard case .named(let variants, _, _)? = field(at: path)?.rule else { return [] }
        return variants
    }

    /// Every path that holds a value rather than an object, in the order of the schema; settings that hang on a name are left out.
    package static var leaves: [[String]] { leaves(of: root, at: []) }

    private static func leaves(of rule: SchemaRule, at path: [String]) -> [[String]] {
        switch rule {
        case .object, .named: fields(of: rule).flatMap { leaves(of: $0.rule, at: path + [$0.name]) }
        case .array(.object(let fields), _, _): fields.flatMap { leaves(of: $0.rule, at: path + ["0", $0.name]) }
        default: [path]
        }
    }

    private static func fields(of rule: SchemaRule) -> [SchemaField] {
        switch rule {
        case .object(let fields): fields
        case .named(let variants, let standard, let fields):
            [SchemaField(
                name: "name", isRequired: standard == nil, rule: .choice(variants.map(\.name)), meaning: "which one")] + fields
        default: []
        }
    }
}
