import TensorEngine

extension RunPlan {
    /// The numbers that a run's steps multiply. Weights, their gradients, sums and evaluation are in single precision always.
    package enum Precision: String, Codable, Sendable, CaseIterable {
        case fp32
        /// Linear layers, 1×1 convolutions and gathered windows multiply numbers rounded to bfloat16.
        case bf16

        var products: ProductPrecision {
            switch self {
            case .fp32: .single
            case .bf16: .bfloat16
            }
        }

        /// Why a run cannot train so, as a sentence; nil where it can.
        package func refusal(multipliesBFloat16: Bool = ProductPrecision.multipliesBFloat16) -> String? {
            switch self {
            case .bf16 where !multipliesBFloat16:
                "bf16 is not available: this processor lacks avx512_bf16, without which it would be slower; set precision to fp32"
            case .fp32, .bf16: nil
            }
        }
    }
}
