import Foundation

/// What the processor can compute with, as far as a run's precision depends on it.
package struct ProcessorFeatures: Sendable, Equatable {
    /// Names of the features as Linux lists them, such as `avx512_bf16`.
    package let flags: Set<String>

    package init(flags: Set<String>) { self.flags = flags }

    /// From the text of /proc/cpuinfo: x86 calls the line "flags", arm "Features".
    package init(cpuInfo: String) {
        let line = cpuInfo.split(separator: "\n").first { $0.hasPrefix("flags") || $0.hasPrefix("Features") }
        flags = Set((line?.split(separator: ":").last ?? "").split(separator: " ").map(String.init))
    }

    /// This machine's; empty where there is no /proc/cpuinfo.
    package static let current = ProcessorFeatures(
        cpuInfo: (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? "")

    /// The features that multiply bfloat16 matrices.
    private static let bfloat16: Set<String> = ["avx512_bf16", "amx_bf16", "bf16"]

    /// Why a run cannot train in bf16 here, as the rest of a sentence.
    var reasonAgainstBFloat16: String {
        if let feature = flags.intersection(Self.bfloat16).min() {
            return "this processor has \(feature), but this version trains in fp32 only: set precision to fp32"
        }
        return "this processor lacks avx512_bf16 and amx_bf16, so that bf16 would be no faster: set precision to fp32"
    }
}
