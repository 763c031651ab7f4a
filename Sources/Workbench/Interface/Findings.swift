/// One mistake in a run's configuration.
package struct ConfigurationProblem: Sendable, Equatable, Codable {
    /// A JSON pointer, such as `/runform/optimizer/name`.
    package var path: String
    package var found: String
    package var allowed: [String]
    package var nearest: String?
    package var message: String

    package init(path: String, found: String, allowed: [String], nearest: String?, message: String) {
        self.path = path
        self.found = found
        self.allowed = allowed
        self.nearest = nearest
        self.message = message
    }
}

/// One thing that `doctor` looked at.
package struct HealthFinding: Sendable, Equatable, Codable {
    package var subject: String
    package var isFine: Bool
    package var text: String

    package init(subject: String, isFine: Bool, text: String) {
        self.subject = subject
        self.isFine = isFine
        self.text = text
    }
}

/// What a model says about one image.
package struct ImagePrediction: Sendable, Equatable, Codable {
    package struct Found: Sendable, Equatable, Codable {
        package var label: String
        package var confidence: Double
        /// `[xMin, yMin, xMax, yMax]` in pixels of the upright image; nil in classification.
        package var box: [Double]?

        package init(label: String, confidence: Double, box: [Double]?) {
            self.label = label
            self.confidence = confidence
            self.box = box
        }
    }

    package var image: String
    /// Most confident first.
    package var found: [Found]
    /// The picture with boxes, when one was asked for.
    package var picture: String?

    package init(image: String, found: [Found], picture: String? = nil) {
        self.image = image
        self.found = found
        self.picture = picture
    }
}

/// How far an architecture is from its reference.
package struct VerificationReport: Sendable, Equatable, Codable {
    package var architecture: String
    package var mode: String
    package var passed: Bool
    package var checks: Int
    package var worstForwardError: Double
    package var worstGradientError: Double
    package var failures: [String]

    package init(
        architecture: String, mode: String, passed: Bool, checks: Int, worstForwardError: Double, worstGradientError: Double,
        failures: [String]
    ) {
        self.architecture = architecture
        self.mode = mode
        self.passed = passed
        self.checks = checks
        self.worstForwardError = worstForwardError
        self.worstGradientError = worstGradientError
        self.failures = failures
    }
}
